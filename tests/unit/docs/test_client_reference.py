"""The reference of the client, compared with its code."""

import re

import pytest

from tests import client_reference
from tests.support.documents import document

PAGE = document("docs/reference/client.md")


def test_page_is_what_its_command_writes() -> None:
    assert PAGE.text == client_reference.make_page(), "run `python -m tests.client_reference`"


def test_page_describes_every_public_name_and_no_private_one() -> None:
    headings = re.findall(r"^### (\w+)$", PAGE.text, re.MULTILINE)
    assert sorted(headings) == sorted(client_reference.public_names())


@pytest.mark.parametrize("client", ["Client", "AsyncClient"])
def test_page_describes_the_calls_of_a_client_with_their_arguments(client: str) -> None:
    kind = "await " if client == "AsyncClient" else ""
    assert f"#### {client}.run\n\n`{kind}run(script: str | Script, *, wait: float = 300.0," in PAGE.text
    assert f"#### {client}.stream\n\n`stream(script: str | Script, *, wait: float = 300.0," in PAGE.text
