"""The locale of a program in a jail."""

import subprocess
import sys

from sandbox.jail.sandbox import NsjailSandbox
from tests.support.scripts import run_script

_LOCALE = """
import calendar, locale, time
def answers():
    chosen = [locale.setlocale(category, "") for category in (locale.LC_ALL, locale.LC_TIME, locale.LC_CTYPE)]
    return {
        "chosen": chosen,
        "named": locale.setlocale(locale.LC_CTYPE, "C.UTF-8"),
        "get": locale.getlocale(),
        "encoding": locale.getencoding(),
        "conventions": locale.localeconv()["decimal_point"],
        "week": [calendar.LocaleTextCalendar(locale=name).formatweekheader(3) for name in ("", "C.UTF-8")],
        "time": time.strftime("%c", time.gmtime(0)),
        "sorted": sorted(["b", "ä", "a", "B"], key=locale.strxfrm),
    }
"""


def _outside(program: str) -> str:
    environment = {"LANG": "C.UTF-8", "HOME": "/tmp", "PATH": "/usr/bin"}
    command = [sys.executable, "-c", program]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True, timeout=20
    ).stdout


def test_locale_of_a_job_and_of_its_children_is_that_of_python_outside(sandbox: NsjailSandbox) -> None:
    program = f"{_LOCALE}\nprint(answers())\n"
    expected = _outside(program)
    outcome = run_script(sandbox, f"{program}\ndef main(): return {{}}")
    assert (outcome.error, outcome.stdout) == (None, expected)
    outcome = run_script(
        sandbox,
        "import subprocess, sys\n"
        f"def main(): return {{'child': subprocess.check_output([sys.executable, '-c', {program!r}], text=True)}}",
    )
    assert outcome.result == {"child": expected}
