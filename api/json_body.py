"""The body of a request: strict JSON, an object or a list, of bounded size."""

import gc
import json
from collections.abc import Iterator
from contextlib import contextmanager
from sys import getsizeof
from typing import Any, ClassVar, Final

from flask import Request
from pydantic_core import from_json
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from api import auth
from api.body_structure import structure_of, without_contents
from api.errors import InvalidRequest, UnsupportedMediaType
from api.invalid_fields import field_path
from api.json_faults import infinite_path, json_fault
from api.large_bodies import LargeBodies
from jobs.limits import BODY_BYTES, REQUEST_BYTES

#: Bytes of memory for each comma or bracket of the JSON, about. An empty list takes 80 bytes, a short string
#: 60, an object with one field 200.
_VALUE_BYTES: Final = 64


class StrictRequest(Request):
    """A request whose JSON and query are always read strictly."""

    #: The turns of large bodies, which an application sets.
    large_bodies: ClassVar[LargeBodies]

    @property
    def args(self) -> MultiDict[str, str]:
        """The parameters of the query.

        Raises:
            InvalidRequest: A parameter is given twice.
        """
        args = super().args
        for name, values in args.lists():
            if len(values) > 1:
                field = field_path([name])
                raise InvalidRequest(f"{field}: this parameter is given twice", field=field)
        return args

    # flask-openapi3 calls this with silent=True and would parse a JSON string once more as JSON. This method
    # raises all the same, and refuses a string.
    def get_json(self, *_: Any, **__: Any) -> dict[str, Any] | list[Any]:
        """Return the body.

        Not accepted as JSON: text that is not UTF-8, lone surrogates, numbers that Python cannot hold, NaN
        and Infinity (1e999 included), nesting deeper than 200.

        Raises:
            InvalidRequest: The body is not JSON, or neither an object nor a list.
            UnsupportedMediaType: The Content-Type is not JSON.
            RequestEntityTooLarge: The body has more than BODY_BYTES bytes, or without the contents of its
                files more than REQUEST_BYTES.
            TooManyWaits: The body is large, and too many of them wait.
            Refused: The server cannot read the body, or there is no memory for it.
        """
        if self.mimetype != "application/json":
            raise UnsupportedMediaType("the body must be JSON, and the header Content-Type application/json")
        if (self.content_length or 0) > BODY_BYTES:
            raise RequestEntityTooLarge
        # Not `get_data`, which would keep the bytes until the request ends.
        data: bytes = self.environ["wsgi.input"].read(BODY_BYTES + 1)
        if len(data) > BODY_BYTES:
            raise RequestEntityTooLarge
        if len(data) <= REQUEST_BYTES:
            return self._parse(data, data)
        with self.large_bodies.turn(auth.owner(), len(data)):
            # Text has any number of commas and brackets.
            structure = structure_of(data)
            if structure is None:
                raise RequestEntityTooLarge
            return self._parse(data, structure)

    def _parse(self, data: bytes, structure: bytes) -> dict[str, Any] | list[Any]:
        """Return the body; `structure` has every comma and bracket of its lists and objects."""
        # A megabyte of `[],[],` becomes thirty megabytes of objects.
        self._hold(_VALUE_BYTES * sum(map(structure.count, (b",", b"[", b"{"))))
        with _without_garbage_collection():
            try:
                body = from_json(data, allow_inf_nan=False)
            except ValueError as error:
                raise InvalidRequest(f"the body is not JSON: {json_fault(error, data)}") from None
            if not isinstance(body, dict | list):
                raise InvalidRequest("the body must be a JSON object")
            rest, contents = without_contents(body)
            try:
                # 1e999 is JSON, but as a float it is infinite.
                text = json.dumps(rest, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
            except ValueError:
                field = field_path(infinite_path(body) or ())
                raise InvalidRequest(f"{field}: this number is too large", field=field) from None
        if len(data) > REQUEST_BYTES:
            if len(text.encode()) > REQUEST_BYTES:
                raise RequestEntityTooLarge
            # A character can take four bytes. The bytes of the decoded files count as those of the body did.
            self._hold(sum(map(getsizeof, contents)))
        return body

    def _hold(self, size: int) -> None:
        """Count memory that this request takes."""
        if connection := self.environ.get("gunicorn.socket"):
            connection.hold(size)


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Search for no garbage: JSON has no cycles, and a search visits all lists of a body again and again."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
