"""The service for the tests of the client's command."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.credentials import new_key
from python_executor import Client
from tests.support.pyexec import Pyexec
from tests.support.service import running_service


@pytest.fixture(scope="session")
def keyed_url(nsjail: None) -> Iterator[tuple[str, str]]:
    """The URL of a service with an API key, which runs one job at a time, and the key."""
    key, entry = new_key("shop")
    with running_service(SANDBOX="nsjail", API_KEYS=entry, WORKERS="1") as service:
        yield str(service.client.base_url), key


@pytest.fixture
def pyexec(keyed_url: tuple[str, str], tmp_path: Path) -> Pyexec:
    """The command in an empty folder."""
    url, key = keyed_url
    return Pyexec(url, tmp_path, key)


@pytest.fixture
def client(keyed_url: tuple[str, str]) -> Iterator[Client]:
    """A client of the same service."""
    url, key = keyed_url
    with Client(url, key) as client:
        yield client


@pytest.fixture
def occupied(client: Client) -> Iterator[str]:
    """The ID of a job that keeps the only process of the worker busy, so that other jobs stay in the queue."""
    job = client.submit("import time; print(flush=True); time.sleep(30)", timeout=30, stream=True)
    for event in client.follow(job.id):
        if getattr(event, "status", None) == "running":
            break
    yield job.id
    client.cancel(job.id)
