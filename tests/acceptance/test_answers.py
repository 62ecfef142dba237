"""The answers to scripts as people write them, in every sandbox: what plain Python gives is the yardstick."""

import functools
from collections.abc import Iterator
from typing import Any, Final

import pytest

from tests.support.answer_cases import CASES, Case
from tests.support.answer_check import check_answer
from tests.support.plain_python import run_plain_python
from tests.support.service import Service, running_service

_plain_answer: Final = functools.cache(run_plain_python)


def _cases(sandbox: str) -> list[Any]:
    return [
        pytest.param(case, id=case.name)
        for case in CASES
        if sandbox in case.sandboxes and not case.has_packages
    ]


@pytest.fixture(scope="module")
def slot(nsjail: None) -> Iterator[Service]:
    with running_service(SANDBOX="nsjail", ISOLATION="slot") as service:
        yield service


@pytest.fixture(scope="module")
def fresh(nsjail: None) -> Iterator[Service]:
    with running_service(SANDBOX="nsjail", ISOLATION="fresh") as service:
        yield service


@pytest.fixture(scope="module")
def restricted() -> Iterator[Service]:
    with running_service(SANDBOX="restricted") as service:
        yield service


@pytest.mark.parametrize("case", _cases("slot"))
def test_script_gets_its_answer_in_a_slot(slot: Service, case: Case) -> None:
    _check(slot, case)


@pytest.mark.parametrize("case", _cases("fresh"))
def test_script_gets_its_answer_in_a_fresh_jail(fresh: Service, case: Case) -> None:
    _check(fresh, case)


@pytest.mark.parametrize("case", _cases("restricted"))
def test_script_gets_its_answer_in_the_restricted_executor(restricted: Service, case: Case) -> None:
    _check(restricted, case)


def _check(service: Service, case: Case) -> None:
    check_answer(service, case, None if case.expected else _plain_answer(case))
