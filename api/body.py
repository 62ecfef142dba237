"""The body of a request: strict JSON, an object or a list, of bounded size."""

import json
from typing import Any

from flask import Request
from pydantic_core import from_json
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from api.errors import InvalidRequest, UnsupportedMediaType
from jobs.limits import REQUEST_BYTES


class StrictRequest(Request):
    """A request whose JSON is always read strictly."""

    # flask-openapi3 calls this with silent=True and would parse a JSON string once more as JSON. This method
    # raises all the same, and refuses a string.
    def get_json(self, *_: Any, **__: Any) -> dict[str, Any] | list[Any]:
        """Return the body.

        Not accepted as JSON: text that is not UTF-8, lone surrogates, numbers that Python cannot hold, NaN
        and Infinity (1e999 included), nesting deeper than 200.

        Raises:
            InvalidRequest: The body is not JSON, or neither an object nor a list.
            UnsupportedMediaType: The Content-Type is not JSON.
            RequestEntityTooLarge: The body has more than REQUEST_BYTES bytes.
        """
        if self.mimetype != "application/json":
            raise UnsupportedMediaType("the body must be JSON, and the header Content-Type application/json")
        try:
            data = self.get_data()
        except HTTPException:
            raise
        except Exception as error:
            # The client has caused every other error that the server raises here, such as a malformed chunk.
            raise InvalidRequest("the body could not be read") from error
        if len(data) > REQUEST_BYTES:
            raise RequestEntityTooLarge
        try:
            body = from_json(data, allow_inf_nan=False)
            # 1e999 is JSON, but as a float it is infinite.
            json.dumps(body, allow_nan=False)
        except ValueError as error:
            raise InvalidRequest(f"the body is not JSON: {error}") from None
        if not isinstance(body, dict | list):
            raise InvalidRequest("the body must be a JSON object")
        return body
