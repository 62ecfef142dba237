"""Every example without packages, posted to the service, gets the answer that its JSON file names."""

import pytest

from jobs.environment import STDLIB
from tests.support.examples import EXAMPLES, Example
from tests.support.service import Service


@pytest.mark.parametrize(
    "example",
    # test_environments.py posts the others.
    [example for example in EXAMPLES if example.job.environment == STDLIB],
    ids=lambda example: example.name,
)
def test_example_gets_its_answer(service: Service, example: Example) -> None:
    answer = service.execute(example.script, **example.request)
    assert answer.status_code == 200
    job = answer.json()
    assert {field: job[field] for field in example.answer} == example.answer
