"""The body of a request: strict JSON, an object or a list, of bounded size."""

import json
from typing import Any

from flask import Request
from pydantic_core import from_json
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from api.errors import InvalidRequest, UnsupportedMediaType
from jobs.limits import REQUEST_BYTES


class StrictRequest(Request):
    """A request whose JSON is read strictly wherever it is read."""

    # flask-openapi3 asks for silence, and would take a JSON string for a document to be parsed
    # again; here silence is not kept and a string is refused.
    def get_json(self, *_: Any, **__: Any) -> dict[str, Any] | list[Any]:
        """Return the body; raise InvalidRequest, UnsupportedMediaType or RequestEntityTooLarge.

        Refused besides what is no JSON: text that is not UTF-8, lone surrogates, numbers Python
        cannot hold, NaN and Infinity (also as 1e999), and nesting deeper than 200.
        """
        if self.mimetype != "application/json":
            raise UnsupportedMediaType("the body must be JSON, and the header Content-Type application/json")
        try:
            data = self.get_data()
        except HTTPException:
            raise
        except Exception as error:
            # Whatever the server raises here, a malformed chunk or a silence, is about the sender.
            raise InvalidRequest("the body could not be read") from error
        if len(data) > REQUEST_BYTES:
            raise RequestEntityTooLarge
        try:
            body = from_json(data, allow_inf_nan=False)
            # 1e999 is JSON, but as a float it is infinite, which is none.
            json.dumps(body, allow_nan=False)
        except ValueError as error:
            raise InvalidRequest(f"the body is not JSON: {error}") from None
        if not isinstance(body, dict | list):
            raise InvalidRequest("the body must be a JSON object")
        return body
