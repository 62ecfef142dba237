"""The JSON of all answers."""

import json
import secrets
from typing import Any, Final

from flask import Response
from flask.json.provider import DefaultJSONProvider

#: Takes the place of a JSON text while the rest is encoded. No answer contains it, so no client can know it.
_PLACEHOLDER: Final = secrets.token_hex(16)
_QUOTED: Final = f'"{_PLACEHOLDER}"'.encode()


def json_bytes(value: Any, *, end: bytes = b"") -> bytes:
    """Return the JSON of a value, and `end`; a JSONText in the value becomes part of it unchanged.

    It keeps the order of fields, and does not escape characters that UTF-8 can encode. No text here has half
    of a surrogate pair: api/json_body.py refuses it, and no outcome contains it.
    """
    texts: list[bytes] = []

    def replace(value: Any) -> Any:
        if not isinstance(value, bytes):
            return DefaultJSONProvider.default(value)
        texts.append(value)
        return _PLACEHOLDER

    rest = json.dumps(value, default=replace, ensure_ascii=False, separators=(",", ":")).encode()
    parts = [end] * (2 * len(texts) + 2)
    parts[:-1:2] = rest.split(_QUOTED)
    parts[1:-1:2] = texts
    return b"".join(parts)


class JSONProvider(DefaultJSONProvider):
    """Makes the JSON of answers."""

    sort_keys = False
    ensure_ascii = False

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """Return the answer with a value."""
        [value] = args or [kwargs]
        return Response(json_bytes(value, end=b"\n"), mimetype=self.mimetype)
