"""The answers to scripts as people write them, in every sandbox: what plain Python gives is the yardstick."""

import functools
from typing import Any, Final

import pytest

from tests.support.answer_cases import CASES, Case
from tests.support.answer_check import check_answer
from tests.support.plain_python import run_plain_python
from tests.support.service import Service

_plain_answer: Final = functools.cache(run_plain_python)


def _cases(sandbox: str) -> list[Any]:
    return [
        pytest.param(case, id=case.name)
        for case in CASES
        if sandbox in case.sandboxes and not case.has_packages
    ]


@pytest.mark.parametrize("case", _cases("slot"))
def test_script_gets_its_answer_in_a_slot(service: Service, case: Case) -> None:
    _check(service, case)


@pytest.mark.parametrize("case", _cases("fresh"))
def test_script_gets_its_answer_in_a_fresh_jail(fresh_service: Service, case: Case) -> None:
    _check(fresh_service, case)


@pytest.mark.parametrize("case", _cases("restricted"))
def test_script_gets_its_answer_in_the_restricted_executor(restricted_service: Service, case: Case) -> None:
    _check(restricted_service, case)


def _check(service: Service, case: Case) -> None:
    check_answer(service, case, None if case.expected else _plain_answer(case))
