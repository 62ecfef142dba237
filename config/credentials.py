"""Who may use the service: API keys, of which only the SHA-256 is ever held.

A key is 256 random bits, so that a plain digest of it cannot be searched. Two keys may have one name:
that is how a key is changed without a gap.
"""

import hashlib
import hmac
import ipaddress
import re
import secrets
from collections.abc import Iterable, Iterator
from typing import Final, Self

from config.settings import Settings, refuse

_ENTRY: Final = re.compile(r"(?P<name>[A-Za-z0-9_.-]{1,64}):(?P<digest>[0-9a-fA-F]{64})")


class BadEntry(ValueError):
    """A text that is no `name:sha256`; its message says where and holds nothing of it."""


class Credentials:
    """The keys that are let in, by their digests. Without any, everybody is let in."""

    def __init__(self, names: dict[str, str]) -> None:
        """Let in the keys with these SHA-256 digests (hexadecimal), each under its name."""
        self._names = names

    @classmethod
    def parse(cls, entries: Iterable[str]) -> Self:
        """Make credentials of `name:sha256` texts; raise BadEntry."""
        names: dict[str, str] = {}
        for number, entry in enumerate(entries, start=1):
            found = _ENTRY.fullmatch(entry)
            if found is None:
                raise BadEntry(f"entry {number} is not name:sha256, a name and 64 hexadecimal digits")
            digest = found["digest"].lower()
            if names.setdefault(digest, found["name"]) != found["name"]:
                raise BadEntry(f"entry {number} is the key of an earlier one under another name")
        return cls(names)

    @property
    def required(self) -> bool:
        """Say whether a key is needed."""
        return bool(self._names)

    def name_of(self, key: str) -> str | None:
        """Return the name of `key`, None where it is not let in.

        Every digest is compared, in the same time: how long the answer takes says nothing of them.
        """
        offered = _digest(key)
        names = [name for digest, name in self._names.items() if hmac.compare_digest(digest, offered)]
        return names[0] if names else None


def new_key(name: str) -> tuple[str, str]:
    """Return a fresh random key and the entry that lets it in as `name`; raise BadEntry for a bad name."""
    key = f"pyx_{secrets.token_urlsafe(32)}"
    entry = f"{name}:{_digest(key)}"
    if not _ENTRY.fullmatch(entry):
        raise BadEntry("a key's name has 1 to 64 of the letters A-Z a-z, digits and _ . -")
    return key, entry


def load_credentials(settings: Settings) -> Credentials:
    """Read the keys, or end the process with one line that names the bad setting.

    Without keys only this machine may reach the service, unless told otherwise in so many words.
    """
    entries: list[str] = []
    if settings.api_keys is not None:
        entries += _good("API_KEYS", settings.api_keys.split(","))
    if settings.api_keys_file is not None:
        try:
            text = settings.api_keys_file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            refuse(f"API_KEYS_FILE: cannot be read: {getattr(error, 'strerror', None) or 'not UTF-8'}")
        entries += _good("API_KEYS_FILE", text.splitlines())
    if not entries and not settings.allow_unauthenticated and not _is_loopback(settings.host):
        refuse(
            f"HOST: {settings.host} is open to others, and there are no API_KEYS; "
            "ALLOW_UNAUTHENTICATED=true lets everybody in"
        )
    return Credentials.parse(entries)


def _good(setting: str, lines: Iterable[str]) -> list[str]:
    entries = list(_entries(lines))
    try:
        Credentials.parse(entries)
    except BadEntry as error:
        refuse(f"{setting}: {error}")
    if not entries:
        refuse(f"{setting}: holds no key")
    return entries


def _entries(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if entry := line.partition("#")[0].strip():
            yield entry


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
