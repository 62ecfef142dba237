"""A machine with cgroup version 2 and systemd. It runs all checks once; the tests read the results."""

import os

import pytest

from tests.support.machine.emulator import usable_emulators
from tests.support.machine.image import image, missing_programs
from tests.support.machine.run import MachineError, Report, run_machine
from tests.support.need import need


@pytest.fixture(scope="session")
def report() -> Report:
    """The results of all checks in the machine."""
    if os.geteuid() != 0:
        need("building the disk of a machine needs root")
    if missing := missing_programs():
        need(f"a machine needs the packages {', '.join(missing)}")
    emulators = usable_emulators(os.environ)
    if not emulators:
        need("a machine needs qemu-system-x86 or user-mode-linux")
    with image() as built:
        try:
            return run_machine(built, emulators)
        except MachineError as error:
            pytest.fail(str(error))
