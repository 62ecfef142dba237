"""API keys. The service stores only the SHA-256 digest of each key.

A key has 256 random bits, so a key cannot be found from its digest by trying all keys; a slow password
hash is not needed. Two keys may have the same name, so that a key can be replaced without an interruption.
"""

import hashlib
import hmac
import ipaddress
import re
import secrets
from collections.abc import Iterable, Iterator
from typing import Final, Self

from config.settings import Settings, exit_with

_ENTRY: Final = re.compile(r"(?P<name>[A-Za-z0-9_.-]{1,64}):(?P<digest>[0-9a-fA-F]{64})")


class BadEntry(ValueError):
    """An entry or its name is invalid. The message never quotes the entry."""


class BadCredentials(ValueError):
    """A setting of the keys is invalid. The message names the setting and never quotes an entry."""


class Credentials:
    """The digests of the accepted keys. If there are none, requests need no key."""

    def __init__(self, names: dict[str, str]) -> None:
        """Accept the keys with these digests.

        Args:
            names: The name of each key, by its SHA-256 digest in hexadecimal.
        """
        self._secret = secrets.token_bytes(32)
        self._names = {self._lookup_code(digest): name for digest, name in names.items()}

    @classmethod
    def parse(cls, entries: Iterable[str]) -> Self:
        """Make credentials from `name:sha256` entries.

        Raises:
            BadEntry: An entry is malformed, or one key has two names.
        """
        names: dict[str, str] = {}
        for number, entry in enumerate(entries, start=1):
            match = _ENTRY.fullmatch(entry)
            if match is None:
                raise BadEntry(f"entry {number} is not name:sha256 (a name and 64 hexadecimal digits)")
            digest = match["digest"].lower()
            if names.setdefault(digest, match["name"]) != match["name"]:
                raise BadEntry(f"entry {number} gives the key of an earlier entry another name")
        return cls(names)

    @property
    def required(self) -> bool:
        """Whether requests need a key."""
        return bool(self._names)

    def name_of(self, key: str) -> str | None:
        """Return the name of `key`, or None if the key is unknown."""
        return self._names.get(self._lookup_code(_digest(key)))

    def _lookup_code(self, digest: str) -> bytes:
        """Return the HMAC of a digest, under which the name of its key is found.

        The duration of a look-up may depend on the code that is looked up. Without the secret of this process
        a client cannot compute the code of a key, so the duration tells it nothing about the accepted keys.
        """
        return hmac.digest(self._secret, digest.encode(), "sha256")


def new_key(name: str) -> tuple[str, str]:
    """Make a random key.

    Returns:
        The key, and its `name:sha256` entry for the settings.

    Raises:
        BadEntry: The name is invalid.
    """
    key = f"pyx_{secrets.token_urlsafe(32)}"
    entry = f"{name}:{_digest(key)}"
    if not _ENTRY.fullmatch(entry):
        raise BadEntry("the name of a key must be 1 to 64 characters of A-Z a-z 0-9 _ . -")
    return key, entry


def load_credentials(settings: Settings) -> Credentials:
    """Read the keys from the settings. If a setting is invalid, exit with one line that names it.

    Without keys the API may listen on a loopback address only, unless `ALLOW_UNAUTHENTICATED` is set.
    """
    try:
        credentials = read_credentials(settings)
    except BadCredentials as error:
        exit_with(str(error))
    if not credentials.required and not settings.allow_unauthenticated and not is_loopback(settings.host):
        exit_with(
            f"HOST: {settings.host} is open to others, but there are no API_KEYS; "
            "ALLOW_UNAUTHENTICATED=true accepts requests without a key"
        )
    return credentials


def read_credentials(settings: Settings) -> Credentials:
    """Read the keys from the settings.

    Raises:
        BadCredentials: A setting is invalid.
    """
    entries: list[str] = []
    if settings.api_keys is not None:
        entries += _valid_entries("API_KEYS", settings.api_keys.split(","))
    if settings.api_keys_file is not None:
        try:
            text = settings.api_keys_file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not UTF-8"
            raise BadCredentials(f"API_KEYS_FILE: cannot be read: {reason}") from error
        entries += _valid_entries("API_KEYS_FILE", text.splitlines())
    return _parse("API_KEYS and API_KEYS_FILE together", entries)


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches the address `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _valid_entries(setting: str, lines: Iterable[str]) -> list[str]:
    entries = list(_without_comments(lines))
    _parse(setting, entries)
    if not entries:
        raise BadCredentials(f"{setting}: contains no key")
    return entries


def _parse(setting: str, entries: Iterable[str]) -> Credentials:
    try:
        return Credentials.parse(entries)
    except BadEntry as error:
        raise BadCredentials(f"{setting}: {error}") from error


def _without_comments(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if entry := line.partition("#")[0].strip():
            yield entry


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
