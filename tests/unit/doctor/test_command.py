"""The command line of the doctor, and the names of its findings."""

import os
import re
import subprocess
from typing import Final

from config.settings import Settings
from doctor import catalogue
from tests.support.checkout import ROOT
from tests.support.doctor import COMMAND, examine, plain_environment

_HOW_TO: Final = ROOT / "docs/how-to/doctor.md"


def test_only_accepts_the_name_of_a_finding_when_another_one_names_the_check() -> None:
    assert list(examine("cpus").findings) == ["memory", "cpus"]


def test_catalogue_has_every_finding_of_the_how_to_page() -> None:
    checks = catalogue.checks(Settings(), [], [])
    names = {name for check in checks for name in (check.name, *check.others)}
    assert names == set(re.findall(r"^\| `([a-z-]+)` \|", _HOW_TO.read_text(), re.MULTILINE))


def test_doctor_prints_no_traceback_when_the_reader_of_its_output_has_gone() -> None:
    read, write = os.pipe()
    os.close(read)
    ran = subprocess.run(
        [*COMMAND, "--only", "kernel"],
        env=plain_environment(),
        stdout=write,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        check=False,
    )
    os.close(write)
    assert (ran.returncode, ran.stderr) == (1, b"")
