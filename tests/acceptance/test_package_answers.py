"""The answers to programs with packages: the same packages without the service are the yardstick."""

import functools
from collections.abc import Iterator
from typing import Any, Final

import pytest

from sandbox.packages import Packages
from tests.support.answer_cases import CASES, Case
from tests.support.answer_check import check_answer
from tests.support.plain_python import run_plain_python
from tests.support.service import Service, service_with

# The first run builds the environment.
pytestmark = pytest.mark.timeout(900)

_plain_answer: Final = functools.cache(run_plain_python)

_PROGRAMS: Final[list[Any]] = [pytest.param(case, id=case.name) for case in CASES if case.has_packages]


@pytest.fixture(scope="module")
def fresh(nsjail: None, data_packages: Packages) -> Iterator[Service]:
    with service_with(data_packages, ISOLATION="fresh") as service:
        yield service


@pytest.mark.parametrize("case", _PROGRAMS)
def test_program_gets_its_answer_when_a_slot_has_imported_its_packages(
    offering: Service, data_packages: Packages, case: Case
) -> None:
    check_answer(offering, case, _plain_answer(case, data_packages))


@pytest.mark.parametrize("case", _PROGRAMS)
def test_program_gets_its_answer_when_it_imports_its_packages_itself(
    fresh: Service, data_packages: Packages, case: Case
) -> None:
    check_answer(fresh, case, _plain_answer(case, data_packages))
