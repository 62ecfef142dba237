"""The base of the models of paths, queries and headers."""

from functools import cache
from typing import Any

from pydantic import BaseModel


class Parameters(BaseModel):
    """Parameters of a route.

    flask-openapi3 asks for the schema at every request, so it is made once.
    """

    @classmethod
    def model_json_schema(cls, *args: Any, **options: Any) -> dict[str, Any]:
        """Return the JSON schema. Without arguments, every call returns the same object."""
        return super().model_json_schema(*args, **options) if args or options else _schema(cls)


@cache
def _schema(parameters: type[Parameters]) -> dict[str, Any]:
    return super(Parameters, parameters).model_json_schema()
