"""Numbers of the system calls that scripts of probes make, by architecture.

A script gets them as an input. The calls that the filter must refuse are in `syscalls`.
"""

from typing import Final

CALL_NUMBERS: Final[dict[str, dict[str, int | None]]] = {
    "clone": {"x86_64": 56, "aarch64": 220},
    "open": {"x86_64": 2, "aarch64": None},
    "preadv2": {"x86_64": 327, "aarch64": 286},
    "timer_create": {"x86_64": 222, "aarch64": 107},
}
