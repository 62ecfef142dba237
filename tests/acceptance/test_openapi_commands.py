"""The commands in the OpenAPI document, which `/docs` shows, do what they say."""

import os
import subprocess
from collections.abc import Iterator
from typing import Any, Final

import pytest

from api.request_examples import EXAMPLES
from config.credentials import new_key
from tests.support.checkout import ROOT
from tests.support.documents import Document
from tests.support.programs import need_program
from tests.support.service import Service, running_service

#: Prints the status of each answer on standard error.
_CURL: Final = "curl() { command curl --write-out '%{stderr}%{http_code}\\n' \"$@\"; }"

INTRODUCTION: Final = "introduction"


@pytest.fixture(scope="module")
def keyed(nsjail: None) -> Iterator[tuple[Service, str]]:
    """A service with an API key."""
    key, entry = new_key("shop")
    with running_service(API_KEYS=entry) as service:
        yield service, key


def texts(service: Service) -> dict[str, str]:
    """Return the introduction, and the description of each call."""
    document: dict[str, Any] = service.client.get("/openapi.json").json()
    calls = [call for methods in document["paths"].values() for call in methods.values()]
    found = {call["operationId"]: call["description"] for call in calls}
    return {INTRODUCTION: document["info"]["description"], **found}


def statuses(service: Service, text: str, **environment: str) -> list[int]:
    """Run the one command of a text; return the status of each answer."""
    [block] = Document(ROOT / "openapi.md", text).blocks
    command = block.text.replace("8080", str(service.client.base_url.port))
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f"{_CURL}\n{command}"],
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        check=False,
        text=True,
        timeout=30,
    )
    assert ran.returncode == 0, ran.stderr
    return [int(line) for line in ran.stderr.split()]


@pytest.mark.parametrize("name", [INTRODUCTION, *EXAMPLES])
def test_command_of_a_call_gets_the_status_that_it_states(service: Service, name: str) -> None:
    need_program("jq")
    *before, last = statuses(service, texts(service)[name])
    assert last == (200 if name == INTRODUCTION else EXAMPLES[name].status)
    assert set(before) <= {200, 202}


@pytest.mark.parametrize("name", [INTRODUCTION, *EXAMPLES])
def test_command_of_a_call_sends_the_key_when_the_service_has_keys(
    keyed: tuple[Service, str], name: str
) -> None:
    need_program("jq")
    service, key = keyed
    text = texts(service)[name]
    assert statuses(service, text, KEY=key) == statuses(service, text.replace("$KEY", key))
    refused = name not in {"live", "ready"}
    assert (statuses(service, text, KEY="wrong")[0] == 401) == refused
