"""The kernel's own tables of system calls, from the header files of the C library."""

import platform
import re
from pathlib import Path
from typing import Final

import pytest

from tests.support.need import need

_DEFINED: Final = re.compile(r"^#define __NR(?:3264)?_(\w+)\s+(\d+)\s*$", re.MULTILINE)
_RENAMED: Final = re.compile(r"^#define __NR_(\w+)\s+__NR3264_(\w+)\s*$", re.MULTILINE)

#: The headers of each architecture, the best first. aarch64 uses the generic numbers, which every machine has
#: in its headers. The names for 32 bits in that header are further names of the same numbers.
_HEADERS: Final = {
    "x86_64": ("x86_64-linux-gnu/asm/unistd_64.h", "asm/unistd_64.h"),
    "aarch64": ("aarch64-linux-gnu/asm/unistd_64.h", "asm-generic/unistd.h"),
}


def kernel_calls(machine: str) -> dict[str, int]:
    """Return the number of every system call of an architecture. Skip the test if no header is installed."""
    headers = [Path("/usr/include", header) for header in _HEADERS[machine]]
    header = next((header for header in headers if header.exists()), None)
    if header is None:
        reason = f"the kernel's header files for {machine} are missing (on Debian: linux-libc-dev)"
        if machine == platform.machine():
            need(reason)
        # The numbers of x86_64 are in the header files of such machines only.
        pytest.skip(reason)
    text = header.read_text()
    calls = {name: int(number) for name, number in _DEFINED.findall(text)}
    calls |= {name: calls[base] for name, base in _RENAMED.findall(text) if base in calls}
    # Not a call: their count.
    calls.pop("syscalls", None)
    return calls
