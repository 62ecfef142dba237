"""The clocks of this host."""

import ctypes
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from doctor.finding import Finding

_NAME: Final = "clock"

#: Bytes of struct timex (linux/timex.h) and more, and the place of its field `status`.
_TIMEX_BYTES: Final = 256
_STATUS_AT: Final = 40

_TIME_ERROR: Final = 5
_UNSYNCHRONISED: Final = 0x40

_READINGS: Final = 10_000

_SOURCE: Final = Path("/sys/devices/system/clocksource/clocksource0/current_clocksource")


def synchronised() -> bool | None:
    """Return whether a time service keeps the clock right; None if the kernel does not tell."""
    timex = ctypes.create_string_buffer(_TIMEX_BYTES)
    # All zeroes: read, and change nothing.
    state = ctypes.CDLL(None).adjtimex(timex)
    if state < 0:
        return None
    (status,) = struct.unpack_from("i", timex, _STATUS_AT)
    return state != _TIME_ERROR and not status & _UNSYNCHRONISED


def goes_backwards() -> bool:
    """Return whether a later reading of the monotonic clock was less than an earlier one."""
    last = time.monotonic_ns()
    for _ in range(_READINGS):
        now = time.monotonic_ns()
        if now < last:
            return True
        last = now
    return False


def examine() -> Iterator[Finding]:
    """Check that the clock is synchronised, and that the monotonic clock never goes backwards."""
    yield judge(synchronised(), backwards=goes_backwards(), source=_clock_source())


def judge(synchronised: bool | None, *, backwards: bool, source: str) -> Finding:
    """Return the finding for what was read."""
    if backwards:
        mend = f"cat {_SOURCE.parent}/available_clocksource  # choose another with clocksource= at boot"
        return Finding.failed(_NAME, f"the monotonic clock goes backwards (source {source})", mend)
    if synchronised is False:
        found = f"no time service synchronises it (source {source}): the times in logs and jobs may be wrong"
        return Finding.warning(_NAME, found, "sudo timedatectl set-ntp true  # on the host of a container")
    state = "synchronised" if synchronised else "the kernel does not tell whether it is synchronised"
    return Finding.ok(_NAME, f"{state}, monotonic, source {source}")


def _clock_source() -> str:
    try:
        return _SOURCE.read_text().strip()
    except OSError:
        return "unknown"
