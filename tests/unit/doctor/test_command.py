"""The command line of the doctor."""

import os
import subprocess

from tests.support.checkout import ROOT
from tests.support.doctor import COMMAND, examine, plain_environment


def test_only_accepts_the_name_of_a_finding_when_another_one_names_the_check() -> None:
    assert list(examine("cpus").findings) == ["memory", "cpus"]


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
