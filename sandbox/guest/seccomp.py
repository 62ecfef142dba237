"""A seccomp filter for a restricted runner, put together without a compiler.

Sources: the kernel's userspace-api/seccomp_filter.rst, include/uapi/linux/filter.h and seccomp.h;
system call numbers of arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h.
"""

import ctypes
import platform
import struct
from collections.abc import Sequence
from typing import Final

_LOAD, _JUMP_EQUAL, _JUMP_GREATER_EQUAL, _AND, _RETURN = 0x20, 0x15, 0x35, 0x54, 0x06

ALLOW: Final = 0x7FFF0000
KILL: Final = 0x80000000
_ERRNO: Final = 0x00050000
EPERM, ENOSYS = 1, 38

_NUMBER_AT, _ARCH_AT, _ARGS_AT = 0, 4, 16
_X32: Final = 0x40000000

_SET_MODE_FILTER: Final = 1

#: The architecture as the filter sees it, and its column in the table.
_ARCHITECTURES: Final = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}

#: Calls that only work on what the process has already: its memory, descriptors, clocks, itself.
_PLAIN: Final[dict[str, tuple[int | None, int | None]]] = {
    "read": (0, 63), "write": (1, 64), "readv": (19, 65), "writev": (20, 66), "close": (3, 57),
    "lseek": (8, 62), "fstat": (5, 80), "munmap": (11, 215), "brk": (12, 214), "mremap": (25, 216),
    "madvise": (28, 233), "membarrier": (324, 283), "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139), "sigaltstack": (131, 132), "restart_syscall": (219, 128),
    "poll": (7, None), "ppoll": (271, 73), "select": (23, None), "pselect6": (270, 72),
    "sched_yield": (24, 124), "nanosleep": (35, 101), "clock_nanosleep": (230, 115),
    "clock_gettime": (228, 113), "clock_getres": (229, 114), "gettimeofday": (96, 169),
    "time": (201, None), "times": (100, 153), "getrusage": (98, 165), "getrandom": (318, 278),
    "getpid": (39, 172), "gettid": (186, 178), "getppid": (110, 173), "getuid": (102, 174),
    "getgid": (104, 176), "geteuid": (107, 175), "getegid": (108, 177), "futex": (202, 98),
    "set_robust_list": (273, 99), "rseq": (334, 293), "exit": (60, 93), "exit_group": (231, 94),
}  # fmt: skip

#: A condition on the 32 low bits of an argument: (argument, mask, values one of which it must have).
#: Numbers are all there; of a pointer that must be null the high half is looked at, too.
_Condition = tuple[int, int, tuple[int, ...]]
_NULL: Final = 0xFFFFFFFFFFFFFFFF

_TCGETS, _TIOCGWINSZ, _FIONREAD = 0x5401, 0x5413, 0x541B
_F_GETFD, _F_SETFD, _F_GETFL, _F_SETFL = 1, 2, 3, 4
_PROT_EXEC, _MAP_ANONYMOUS, _MSG_OOB = 4, 0x20, 1
_CLONE3: Final = (435, 435)


def _conditional(pid: int) -> dict[tuple[int, int], Sequence[_Condition]]:
    """Return calls allowed under conditions, by their numbers."""
    return {
        # Memory, but no file and nothing to execute.
        (9, 222): [(2, _PROT_EXEC, (0,)), (3, _MAP_ANONYMOUS, (_MAP_ANONYMOUS,))],  # mmap
        (10, 226): [(2, _PROT_EXEC, (0,))],  # mprotect
        # Signals to itself, as abort() sends them, and to nobody else.
        (62, 129): [(0, 0xFFFFFFFF, (pid,))],  # kill
        (234, 131): [(0, 0xFFFFFFFF, (pid,))],  # tgkill
        (16, 29): [(1, 0xFFFFFFFF, (_TCGETS, _TIOCGWINSZ, _FIONREAD))],  # ioctl
        (72, 25): [(1, 0xFFFFFFFF, (_F_GETFD, _F_SETFD, _F_GETFL, _F_SETFL))],  # fcntl
        # On the one socket it has; without an address, so no other is reached.
        (44, 206): [(3, _MSG_OOB, (0,)), (4, _NULL, (0,))],  # sendto
        (45, 207): [(3, _MSG_OOB, (0,))],  # recvfrom
        # Its own limits, to read.
        (302, 261): [(0, 0xFFFFFFFF, (0,)), (2, _NULL, (0,))],  # prlimit64
    }


def program(pid: int, machine: str) -> bytes:
    """Return the filter for the process `pid` on `machine`: an array of struct sock_filter.

    Raises KeyError for an architecture the table does not know.
    """
    column, code = _begin(machine)
    code += [
        # x32 calls have numbers of their own behind this bit.
        _op(_JUMP_GREATER_EQUAL, _X32, 0, 1),
        _op(_RETURN, _ERRNO | ENOSYS),
        # C libraries then start threads by clone, which is refused for good.
        *_case(_CLONE3[column], [_op(_RETURN, _ERRNO | ENOSYS)]),
    ]
    for numbers in _PLAIN.values():
        if (number := numbers[column]) is not None:
            code += _case(number, [_op(_RETURN, ALLOW)])
    for pair, conditions in _conditional(pid).items():
        body = [op for condition in conditions for op in _unless(condition)]
        code += _case(pair[column], [*body, _op(_RETURN, ALLOW)])
    code.append(_op(_RETURN, _ERRNO | EPERM))
    return b"".join(code)


#: What the zygote of a slot needs and a script does not, by number.
_ZYGOTES: Final = {
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39),
    "pivot_root": (155, 41), "capset": (126, 91), "seccomp": (317, 277),
}  # fmt: skip


def nested(machine: str) -> bytes:
    """Return the filter of a runner in a slot: the jail's own holds, but for the zygote's calls.

    Raises KeyError for an architecture the table does not know.
    """
    column, code = _begin(machine)
    for numbers in _ZYGOTES.values():
        code += _case(numbers[column], [_op(_RETURN, _ERRNO | EPERM)])
    code.append(_op(_RETURN, ALLOW))
    return b"".join(code)


class Filter:
    """A filter in the form the kernel takes."""

    def __init__(self, filter_program: bytes) -> None:
        """Lay it out in memory."""
        self._program = ctypes.create_string_buffer(filter_program, len(filter_program))
        header = struct.pack("HxxxxxxP", len(filter_program) // 8, ctypes.addressof(self._program))
        self._header = ctypes.create_string_buffer(header, len(header))
        self._number = _ZYGOTES["seccomp"][_ARCHITECTURES[machine()][1]]
        self._call = ctypes.CDLL(None, use_errno=True).syscall

    def install(self) -> None:
        """Put it in force for this process, for good. Raises OSError.

        The process must have set no-new-privileges before.
        """
        if self._call(self._number, _SET_MODE_FILTER, 0, self._header):
            raise OSError(ctypes.get_errno(), "no seccomp filter could be installed")


def machine() -> str:
    """Return the architecture of this process."""
    return platform.machine()


def _begin(machine: str) -> tuple[int, list[bytes]]:
    """Return the column of `machine` in the tables, and how its filters begin: with the number loaded."""
    architecture, column = _ARCHITECTURES[machine]
    return column, [
        _op(_LOAD, _ARCH_AT),
        _op(_JUMP_EQUAL, architecture, 1, 0),
        _op(_RETURN, KILL),
        _op(_LOAD, _NUMBER_AT),
    ]


def _op(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)


def _case(number: int, body: list[bytes]) -> list[bytes]:
    """Run `body`, which must end in a return, for one call; then the number is still loaded."""
    return [_op(_JUMP_EQUAL, number, 0, len(body)), *body]


def _unless(condition: _Condition) -> list[bytes]:
    """Refuse the call unless the condition holds."""
    argument, mask, values = condition
    # Little-endian machines only: the low half of an argument comes first.
    code = []
    if mask == _NULL:
        high = _op(_LOAD, _ARGS_AT + 8 * argument + 4)
        code += [high, _op(_JUMP_EQUAL, 0, 1, 0), _op(_RETURN, _ERRNO | EPERM)]
    code += [_op(_LOAD, _ARGS_AT + 8 * argument), _op(_AND, mask & 0xFFFFFFFF)]
    for at, value in enumerate(values):
        code.append(_op(_JUMP_EQUAL, value, len(values) - at, 0))
    return [*code, _op(_RETURN, _ERRNO | EPERM)]
