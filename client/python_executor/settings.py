"""Where the service is, and how a client identifies itself."""

import os
from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import urlsplit

URL_VARIABLE: Final = "PYTHON_EXECUTOR_URL"
KEY_VARIABLE: Final = "PYTHON_EXECUTOR_KEY"
DEFAULT_URL: Final = "http://127.0.0.1:8080"


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a client.

    Attributes:
        url: The URL of the service, without a slash at its end.
        key: The API key, empty for none.
        timeout: Seconds that a call may take which waits for no job, retries included. A call that waits
            gives up when the service has been away for this long.
    """

    url: str
    key: str = field(repr=False)
    timeout: float

    @classmethod
    def make(cls, url: str | None, key: str | None, timeout: float) -> Self:
        """Check the settings, and take what is None from the environment.

        Raises:
            ValueError: A setting is wrong. The message names it.
        """
        url = url or os.environ.get(URL_VARIABLE) or DEFAULT_URL
        key = os.environ.get(KEY_VARIABLE, "") if key is None else key
        try:
            parts = urlsplit(url)
            _ = parts.port  # it is parsed only now
        except ValueError as error:
            raise ValueError(f"url ({URL_VARIABLE}) is wrong: {url!r}: {error}") from None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"url ({URL_VARIABLE}) must be http://HOST or https://HOST, not {url!r}")
        if parts.username or parts.password:
            raise ValueError(f"url ({URL_VARIABLE}) must not contain a user or a password")
        if parts.query or parts.fragment:
            raise ValueError(f"url ({URL_VARIABLE}) must not have a query or a fragment: {url!r}")
        if not key.isascii() or not key.isprintable() or " " in key:
            raise ValueError(f"key ({KEY_VARIABLE}) must be printable ASCII without spaces")
        if not timeout > 0:
            raise ValueError(f"timeout must be positive: {timeout!r}")
        return cls(url.rstrip("/"), key, timeout)
