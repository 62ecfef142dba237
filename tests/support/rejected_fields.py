"""The error of the API when a model refuses a part of a request."""

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from api.errors import InvalidRequest
from api.invalid_fields import refuse


def rejected_field(model: type[BaseModel], body: Any) -> InvalidRequest:
    """Return the error for a body that the model must refuse."""
    with pytest.raises(ValidationError) as invalid:
        model.model_validate(body)
    with pytest.raises(InvalidRequest) as caught:
        refuse(invalid.value)
    return caught.value
