"""What the models of paths, queries and headers have in common."""

from functools import cache
from typing import Any

from pydantic import BaseModel


class Parameters(BaseModel):
    """Parameters of a route. Their schema is made once: flask-openapi3 asks for it at every request."""

    @classmethod
    def model_json_schema(cls, *args: Any, **options: Any) -> dict[str, Any]:
        """Return the schema; as it is asked for at requests, always the same object."""
        return super().model_json_schema(*args, **options) if args or options else _schema(cls)


@cache
def _schema(parameters: type[Parameters]) -> dict[str, Any]:
    return super(Parameters, parameters).model_json_schema()
