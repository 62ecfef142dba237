"""The API keys: their entries, who may change them, and who reaches the API without one."""

import shlex
from collections.abc import Iterator
from typing import Final

from config.credentials import BadCredentials, is_loopback, read_credentials
from config.settings import Settings
from doctor.finding import Finding

_NAME: Final = "api-keys"

_OTHERS_READ, _OTHERS_WRITE = 0o044, 0o022

_MAKE: Final = "python-executor key NAME  # then set API_KEYS to the entry that it prints"


def examine(settings: Settings) -> Iterator[Finding]:
    """Check that the entries are valid, and that no other machine reaches the API without a key."""
    try:
        credentials = read_credentials(settings)
    except BadCredentials as error:
        yield Finding.failed(_NAME, str(error), _MAKE)
        return
    if not credentials.required:
        yield _without_keys(settings)
        return
    file = settings.api_keys_file
    mode = file.stat().st_mode if file else 0
    found = f"API_KEYS_FILE: {file} has mode {mode & 0o7777:04o}"
    mend = f"chmod 600 {shlex.quote(str(file))}"
    if mode & _OTHERS_WRITE:
        yield Finding.failed(_NAME, f"{found}: other users can add keys of their own", mend)
    elif mode & _OTHERS_READ:
        yield Finding.warning(_NAME, f"{found}: other users can read the names and digests of the keys", mend)
    else:
        yield Finding.ok(_NAME, "valid; each request needs one")


def _without_keys(settings: Settings) -> Finding:
    if is_loopback(settings.host):
        return Finding.ok(_NAME, f"none; HOST={settings.host} is reachable from this machine only")
    found = f"none, and HOST={settings.host} is open to other machines"
    if settings.allow_unauthenticated:
        return Finding.warning(_NAME, f"{found}, which ALLOW_UNAUTHENTICATED permits", _MAKE)
    return Finding.failed(_NAME, f"{found}: the API does not start", _MAKE)
