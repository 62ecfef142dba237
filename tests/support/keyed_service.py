"""A service with API keys, for tests whose callers must not see each other's jobs."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from config.credentials import new_key
from tests.support.service import Service, running_service


@dataclass(frozen=True)
class KeyedService:
    """A running service with API keys.

    Attributes:
        service: The service. Its HTTP client sends no key.
        keys: The key of each caller, by the caller's name.
    """

    service: Service
    keys: Mapping[str, str]


@contextmanager
def running_keyed_service(*callers: str) -> Iterator[KeyedService]:
    """Start the service with a key for each caller."""
    made = {name: new_key(name) for name in callers}
    entries = ",".join(entry for _, entry in made.values())
    with running_service(API_KEYS=entries) as service:
        yield KeyedService(service, {name: key for name, (key, _) in made.items()})
