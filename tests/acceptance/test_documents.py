"""The code blocks of the documents, run against the service, print the output that the documents show."""

import pytest

from tests.support import doc_examples
from tests.support.documents import Document, documents
from tests.support.keyed_service import KeyedService
from tests.support.programs import need_program
from tests.support.service import Service

PAGES = [page for page in documents() if doc_examples.examples(page)]

#: Programs that only some pages use.
PROGRAMS = ("jq",)


@pytest.fixture(scope="module")
def keyed(keyed_service: KeyedService) -> tuple[Service, str]:
    """A service, and the API key of a caller."""
    return keyed_service.service, keyed_service.keys["shop"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples_of_a_page_print_the_output_shown(page: Document, request: pytest.FixtureRequest) -> None:
    found = doc_examples.examples(page)
    for program in PROGRAMS:
        if any(f"{program} " in example.block.text for example in found):
            need_program(program)
    environment = {}
    if page.name.startswith("docs/how-to/"):
        service, key = request.getfixturevalue("keyed")
        environment = {"KEY": key, "PYTHON_EXECUTOR_KEY": key}
    else:
        service = request.getfixturevalue("service")
    port = service.client.base_url.port
    outputs = doc_examples.run(found, port, environment)
    faults = map(doc_examples.differences, found, outputs)
    assert [fault for fault in faults if fault] == []
