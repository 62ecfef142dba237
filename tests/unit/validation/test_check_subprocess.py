"""The check of a script in a child process that ends without an answer."""

import pytest

from tests.support.crash import crash, kill, use_cpu_time
from tests.support.rejections import MAIN
from validation.check_subprocess import check_in_subprocess
from validation.errors import CheckFailure
from validation.rules import Rule


@pytest.mark.parametrize("rule", [crash, use_cpu_time])
def test_script_is_too_complex_when_its_check_crashes_or_uses_up_its_cpu_time(rule: Rule) -> None:
    rejection = check_in_subprocess(MAIN, rule).rejection
    assert rejection is not None
    assert "too large or too deeply nested" in rejection.message


def test_check_fails_without_a_verdict_when_its_process_is_killed() -> None:
    with pytest.raises(CheckFailure):
        check_in_subprocess(MAIN, kill)


def test_check_knows_the_modules_of_packages_however_many_there_are() -> None:
    modules = frozenset(f"module_{number}" for number in range(20_000))
    assert check_in_subprocess(f"import module_19999\n{MAIN}", modules=modules).rejection is None
    rejection = check_in_subprocess(f"import module_20000\n{MAIN}", modules=modules).rejection
    assert rejection is not None
    assert rejection.name == "module_20000"
