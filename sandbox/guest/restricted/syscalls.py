"""The system calls that the kernel allows a restricted runner.

Sources: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h for the numbers.
"""

from collections.abc import Sequence
from typing import Final

from sandbox.guest.seccomp import (
    ALLOW,
    AND,
    ARGUMENTS_AT,
    ENOSYS,
    EPERM,
    ERRNO,
    JUMP_EQUAL,
    JUMP_GREATER_EQUAL,
    LOAD,
    RETURN,
    begin,
    case,
    instruction,
)

#: Calls that affect only what the process already has: its memory, descriptors, clocks and itself.
#: Name: number on x86_64, number on aarch64.
_UNCONDITIONAL: Final[dict[str, tuple[int | None, int | None]]] = {
    "read": (0, 63), "write": (1, 64), "readv": (19, 65), "writev": (20, 66), "close": (3, 57),
    "lseek": (8, 62), "fstat": (5, 80), "munmap": (11, 215), "brk": (12, 214), "mremap": (25, 216),
    "membarrier": (324, 283), "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139), "sigaltstack": (131, 132), "restart_syscall": (219, 128),
    "poll": (7, None), "ppoll": (271, 73), "select": (23, None), "pselect6": (270, 72),
    "sched_yield": (24, 124), "nanosleep": (35, 101), "gettimeofday": (96, 169), "time": (201, None),
    "times": (100, 153), "getrusage": (98, 165), "getrandom": (318, 278), "getpid": (39, 172),
    "gettid": (186, 178), "getppid": (110, 173), "getuid": (102, 174), "getgid": (104, 176),
    "geteuid": (107, 175), "getegid": (108, 177), "set_robust_list": (273, 99), "rseq": (334, 293),
    "exit": (60, 93), "exit_group": (231, 94),
}  # fmt: skip

#: A condition on an argument: (index, mask, permitted values). The mask covers the low 32 bits, which hold
#: every number here. With the mask _NULL, all 64 bits must be zero: a null pointer.
_Condition = tuple[int, int, tuple[int, ...]]
_NULL: Final = 0xFFFFFFFFFFFFFFFF

#: System calls of the x32 ABI have this bit in their number.
_X32: Final = 0x40000000

_TCGETS, _TIOCGWINSZ, _FIONREAD = 0x5401, 0x5413, 0x541B
_F_GETFD, _F_SETFD, _F_GETFL, _F_SETFL = 1, 2, 3, 4
_PROT_EXEC, _MAP_ANONYMOUS, _MAP_HUGETLB, _MSG_OOB = 4, 0x20, 0x40000, 1

#: MADV_NORMAL to MADV_DONTNEED, MADV_FREE, MADV_HUGEPAGE, MADV_NOHUGEPAGE. Not MADV_MERGEABLE: merged pages
#: tell jobs of each other.
_ADVICE: Final = (0, 1, 2, 3, 4, 8, 14, 15)

#: CLOCK_REALTIME to CLOCK_TAI. A negative number is the CPU clock of any process of the host.
_CLOCKS: Final = tuple(range(12))

#: FUTEX_WAIT to FUTEX_WAKE_BITSET without FUTEX_PRIVATE_FLAG and FUTEX_CLOCK_REALTIME. Not those with
#: priority inheritance, which tell whether a thread of the host exists.
_FUTEX_COMMAND: Final = 0x7F
_FUTEXES: Final = (0, 1, 3, 4, 5, 9, 10)
_CLONE3: Final = (435, 435)


def _conditional(pid: int) -> dict[tuple[int, int], Sequence[_Condition]]:
    """Return the calls that are allowed under conditions, by their numbers on x86_64 and aarch64."""
    return {
        # Anonymous memory only, not executable, and none of the host's huge pages, which no limit counts.
        (9, 222): [(2, _PROT_EXEC, (0,)), (3, _MAP_ANONYMOUS | _MAP_HUGETLB, (_MAP_ANONYMOUS,))],  # mmap
        (28, 233): [(2, 0xFFFFFFFF, _ADVICE)],  # madvise
        (10, 226): [(2, _PROT_EXEC, (0,))],  # mprotect
        (228, 113): [(0, 0xFFFFFFFF, _CLOCKS)],  # clock_gettime
        (229, 114): [(0, 0xFFFFFFFF, _CLOCKS)],  # clock_getres
        (230, 115): [(0, 0xFFFFFFFF, _CLOCKS)],  # clock_nanosleep
        (202, 98): [(1, _FUTEX_COMMAND, _FUTEXES)],  # futex
        # Signals only to itself: abort() sends one.
        (62, 129): [(0, 0xFFFFFFFF, (pid,))],  # kill
        (234, 131): [(0, 0xFFFFFFFF, (pid,))],  # tgkill
        (16, 29): [(1, 0xFFFFFFFF, (_TCGETS, _TIOCGWINSZ, _FIONREAD))],  # ioctl
        (72, 25): [(1, 0xFFFFFFFF, (_F_GETFD, _F_SETFD, _F_GETFL, _F_SETFL))],  # fcntl
        # Only without an address, so that a message reaches only the other end of the job socket.
        (44, 206): [(3, _MSG_OOB, (0,)), (4, _NULL, (0,))],  # sendto
        (45, 207): [(3, _MSG_OOB, (0,))],  # recvfrom
        # Reading its own limits.
        (302, 261): [(0, 0xFFFFFFFF, (0,)), (2, _NULL, (0,))],  # prlimit64
    }


def restricted_filter(pid: int, machine: str) -> bytes:
    """Return the filter for the process `pid` on `machine`: an array of struct sock_filter.

    Raises:
        KeyError: The tables do not have the architecture.
    """
    column, code = begin(machine)
    code += [
        instruction(JUMP_GREATER_EQUAL, _X32, 0, 1),
        instruction(RETURN, ERRNO | ENOSYS),
        # After ENOSYS a C library starts threads by clone instead, which this filter denies.
        *case(_CLONE3[column], [instruction(RETURN, ERRNO | ENOSYS)]),
    ]
    for numbers in _UNCONDITIONAL.values():
        if (number := numbers[column]) is not None:
            code += case(number, [instruction(RETURN, ALLOW)])
    for pair, conditions in _conditional(pid).items():
        body = [step for condition in conditions for step in _unless(condition)]
        code += case(pair[column], [*body, instruction(RETURN, ALLOW)])
    code.append(instruction(RETURN, ERRNO | EPERM))
    return b"".join(code)


def _unless(condition: _Condition) -> list[bytes]:
    """Return the code that denies the call unless the condition holds."""
    argument, mask, values = condition
    # For little-endian machines only: the low half of an argument comes first.
    code = []
    if mask == _NULL:
        high = instruction(LOAD, ARGUMENTS_AT + 8 * argument + 4)
        code += [high, instruction(JUMP_EQUAL, 0, 1, 0), instruction(RETURN, ERRNO | EPERM)]
    code += [instruction(LOAD, ARGUMENTS_AT + 8 * argument), instruction(AND, mask & 0xFFFFFFFF)]
    for index, value in enumerate(values):
        code.append(instruction(JUMP_EQUAL, value, len(values) - index, 0))
    return [*code, instruction(RETURN, ERRNO | EPERM)]
