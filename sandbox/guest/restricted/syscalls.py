"""The system calls that the kernel allows a restricted runner."""

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
_UNCONDITIONAL: Final = (
    "read", "write", "readv", "writev", "close", "lseek", "fstat", "munmap", "brk", "mremap", "membarrier",
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall", "poll", "ppoll",
    "select", "pselect6", "sched_yield", "nanosleep", "gettimeofday", "time", "times", "getrusage",
    "getrandom", "getpid", "gettid", "getppid", "getuid", "getgid", "geteuid", "getegid", "set_robust_list",
    "rseq", "exit", "exit_group",
)  # fmt: skip

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


def _conditional(pid: int) -> dict[str, Sequence[_Condition]]:
    """Return the calls that are allowed under conditions, by their names."""
    return {
        # Anonymous memory only, not executable, and none of the host's huge pages, which no limit counts.
        "mmap": [(2, _PROT_EXEC, (0,)), (3, _MAP_ANONYMOUS | _MAP_HUGETLB, (_MAP_ANONYMOUS,))],
        "madvise": [(2, 0xFFFFFFFF, _ADVICE)],
        "mprotect": [(2, _PROT_EXEC, (0,))],
        "clock_gettime": [(0, 0xFFFFFFFF, _CLOCKS)],
        "clock_getres": [(0, 0xFFFFFFFF, _CLOCKS)],
        "clock_nanosleep": [(0, 0xFFFFFFFF, _CLOCKS)],
        "futex": [(1, _FUTEX_COMMAND, _FUTEXES)],
        # Signals only to itself: abort() sends one.
        "kill": [(0, 0xFFFFFFFF, (pid,))],
        "tgkill": [(0, 0xFFFFFFFF, (pid,))],
        "ioctl": [(1, 0xFFFFFFFF, (_TCGETS, _TIOCGWINSZ, _FIONREAD))],
        "fcntl": [(1, 0xFFFFFFFF, (_F_GETFD, _F_SETFD, _F_GETFL, _F_SETFL))],
        # Only without an address, so that a message reaches only the other end of the job socket.
        "sendto": [(3, _MSG_OOB, (0,)), (4, _NULL, (0,))],
        "recvfrom": [(3, _MSG_OOB, (0,))],
        # Reading its own limits.
        "prlimit64": [(0, 0xFFFFFFFF, (0,)), (2, _NULL, (0,))],
    }


def restricted_filter(pid: int, machine: str) -> bytes:
    """Return the filter for the process `pid` on `machine`: an array of struct sock_filter.

    Raises:
        KeyError: The tables do not have the architecture.
    """
    code = [
        *begin(machine),
        instruction(JUMP_GREATER_EQUAL, _X32, 0, 1),
        instruction(RETURN, ERRNO | ENOSYS),
        # After ENOSYS a C library starts threads by clone instead, which this filter denies.
        *case("clone3", machine, [instruction(RETURN, ERRNO | ENOSYS)]),
    ]
    for call in _UNCONDITIONAL:
        code += case(call, machine, [instruction(RETURN, ALLOW)])
    for call, conditions in _conditional(pid).items():
        body = [step for condition in conditions for step in _unless(condition)]
        code += case(call, machine, [*body, instruction(RETURN, ALLOW)])
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
