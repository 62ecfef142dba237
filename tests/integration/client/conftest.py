"""Fixtures: a client of each kind, a faulty server, and the service."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.support.certificates import make_certificate
from tests.support.client_kinds import KINDS, open_client
from tests.support.faulty_server import FaultyServer, faulty_server

#: Opens a client for a URL, with a key and a timeout.
OpenClient = Callable[..., Any]


@pytest.fixture
def server() -> Iterator[FaultyServer]:
    """Run a server that answers as it is told."""
    with faulty_server() as server:
        yield server


@pytest.fixture(params=KINDS)
def connect(request: pytest.FixtureRequest) -> Iterator[OpenClient]:
    """Return a function that opens a client, once for each kind of client."""
    with ExitStack() as stack:
        yield lambda *values, **named: stack.enter_context(open_client(request.param, *values, **named))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the certificate of the secure server. No system trusts it."""
    return make_certificate(tmp_path_factory.mktemp("certificate"), "127.0.0.1")[0]


@pytest.fixture
def secure_server(certificate: Path) -> Iterator[FaultyServer]:
    """Run a faulty server that speaks TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    with faulty_server(context) as server:
        yield server
