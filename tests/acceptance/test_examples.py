"""Every example, posted to the service, gets the answer that its JSON file names."""

import pytest

from tests.support.examples import EXAMPLES, Example
from tests.support.service import Service


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_example_gets_its_answer(service: Service, example: Example) -> None:
    answer = service.execute(example.script, **example.request)
    assert answer.status_code == 200
    job = answer.json()
    assert {field: job[field] for field in example.answer} == example.answer
