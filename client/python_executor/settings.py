"""Where the service is, and how a client identifies itself."""

import os
from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import urlsplit

URL_VARIABLE: Final = "PYTHON_EXECUTOR_URL"
KEY_VARIABLE: Final = "PYTHON_EXECUTOR_KEY"
DEFAULT_URL: Final = "http://127.0.0.1:8080"

#: The longest timeout in seconds. Sockets have a limit of their own, which depends on the system.
_LONGEST_TIMEOUT: Final = 86_400.0


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
            parts.port  # noqa: B018  # checks it
        except ValueError as error:
            raise ValueError(f"url ({URL_VARIABLE}): {error}") from None
        if parts.username is not None or parts.password is not None:
            raise ValueError(f"url ({URL_VARIABLE}) must not contain a user or a password")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"url ({URL_VARIABLE}) must be http://HOST or https://HOST, not {url!r}")
        if not url.isascii() or not url.isprintable() or " " in url:
            raise ValueError(f"url ({URL_VARIABLE}) must be printable ASCII without spaces: {url!r}")
        if parts.query or parts.fragment:
            raise ValueError(f"url ({URL_VARIABLE}) must not have a query or a fragment: {url!r}")
        if not key.isascii() or not key.isprintable() or " " in key:
            raise ValueError(f"key ({KEY_VARIABLE}) must be printable ASCII without spaces")
        if not 0 < timeout <= _LONGEST_TIMEOUT:
            raise ValueError(f"timeout must be more than 0, and at most {_LONGEST_TIMEOUT:g}: {timeout!r}")
        return cls(parts.geturl().rstrip("/"), key, timeout)
