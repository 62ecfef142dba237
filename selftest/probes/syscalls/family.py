"""A family of system calls: calls with one purpose, tried in one job."""

from dataclasses import dataclass
from typing import Any, Final

from selftest.checks import returns_only
from selftest.probe import Check, Probe, job

#: An argument: a number; a text, passed by address; or a list of one number, the count of zero bytes that are
#: passed by address.
Argument = int | str | list[int]

#: A descriptor or an address that is never valid.
BAD: Final = -1

AT_FDCWD: Final = -100
CLONE_NEWUSER: Final = 0x10000000
CLONE_NEWNET: Final = 0x40000000

_EPERM_FOR_EACH: Final = returns_only("EPERM")

#: Makes the calls and returns the name of the error of each. A call that made a new process ends that
#: process.
_SCRIPT: Final = """
    import ctypes, errno, os
    def main(calls):
        libc = ctypes.CDLL(None, use_errno=True)
        libc.syscall.restype = ctypes.c_long
        me = os.getpid()
        def argument(given):
            if isinstance(given, list):
                return ctypes.create_string_buffer(given[0])
            return ctypes.c_char_p(given.encode()) if isinstance(given, str) else ctypes.c_long(given)
        answers = {}
        for name, number, arguments in calls:
            ctypes.set_errno(0)
            returned = libc.syscall(ctypes.c_long(number), *map(argument, arguments))
            if os.getpid() != me:
                os._exit(0)
            code = ctypes.get_errno()
            answers[name] = errno.errorcode.get(code, code) if returned == -1 else f"returned {returned}"
        return answers
    """


@dataclass(frozen=True, slots=True)
class Call:
    """A system call with its arguments.

    Attributes:
        x86_64: Its number on that architecture, None if the architecture does not have it.
        aarch64: The same for aarch64.
    """

    name: str
    x86_64: int | None
    aarch64: int | None
    arguments: tuple[Argument, ...] = ()


def call(name: str, x86_64: int | None, aarch64: int | None, *arguments: Argument) -> Call:
    """Return a call with a number for each architecture."""
    return Call(name, x86_64, aarch64, arguments)


def common_call(name: str, number: int, *arguments: Argument) -> Call:
    """Return a call that has the same number on every architecture, as all recent calls have."""
    return Call(name, number, number, arguments)


@dataclass(frozen=True, slots=True)
class Family:
    """The calls of one probe. By default each call must fail with EPERM."""

    name: str
    tried: str
    calls: tuple[Call, ...]
    expected: str = "EPERM for each"
    check: Check = _EPERM_FOR_EACH

    def probe(self, machine: str) -> Probe | None:
        """Return the probe of the calls that the architecture `machine` has, None if it has no such call."""
        calls: list[Any] = [
            [call.name, number, list(call.arguments)]
            for call in self.calls
            if (number := getattr(call, machine, None)) is not None
        ]
        if not calls:
            return None
        jobs = (job(_SCRIPT, inputs={"calls": calls}),)
        return Probe("syscalls", self.name, self.tried, self.expected, jobs, self.check)
