"""The JSON of all answers."""

import secrets
from typing import Any, Final

from flask import Response
from flask.json.provider import DefaultJSONProvider

#: Takes the place of a JSON text while the rest is encoded. No answer contains it, so no client can know it.
_PLACEHOLDER: Final = secrets.token_hex(16)
_QUOTED: Final = f'"{_PLACEHOLDER}"'.encode()


class JSONProvider(DefaultJSONProvider):
    """Makes JSON that keeps the order of fields, and does not escape characters that UTF-8 can encode.

    No text here has half of a surrogate pair: api/json_body.py refuses it, and no outcome contains it.
    """

    sort_keys = False
    ensure_ascii = False

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """Return the answer with a value; a JSONText in the value becomes part of it unchanged."""
        texts: list[bytes] = []

        def replace(value: Any) -> Any:
            if not isinstance(value, bytes):
                return self.default(value)
            texts.append(value)
            return _PLACEHOLDER

        [value] = args or [kwargs]
        rest = self.dumps(value, default=replace, separators=(",", ":")).encode()
        parts = [b"\n"] * (2 * len(texts) + 2)
        parts[:-1:2] = rest.split(_QUOTED)
        parts[1:-1:2] = texts
        return Response(b"".join(parts), mimetype=self.mimetype)
