"""The base of the models of paths, queries and headers."""

import re
from typing import Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from api.field_names import check_names

#: The form of a JSON number.
_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def _check_number(text: Any) -> Any:
    if isinstance(text, str) and not _NUMBER.fullmatch(text):
        raise PydanticCustomError("number", "must be a number")
    return text


#: Accepts a number in its JSON form only. Pydantic would also accept spaces around it, and 1_000.
PLAIN_NUMBER: Final = BeforeValidator(_check_number)


class Parameters(BaseModel):
    """Parameters of a route."""


class Query(Parameters):
    """The query of a route. A parameter that the route does not take is an error."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _check_names(cls, query: Any) -> Any:
        return check_names(query, cls.model_fields, lambda: cls.model_fields, noun="parameter")
