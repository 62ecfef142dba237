"""What differs between architectures: their own number and the numbers of system calls.

Sources: include/uapi/linux/audit.h, include/uapi/asm-generic/unistd.h and
arch/x86/entry/syscalls/syscall_64.tbl. A test compares the numbers with the kernel's header files.
"""

import platform
from typing import Final

#: The number of each architecture in struct seccomp_data, and its column in CALLS.
_ARCHITECTURES: Final = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}

#: The system calls that the filters name or the guest makes by number.
#: Name: number on x86_64, number on aarch64; None if the architecture does not have the call.
CALLS: Final[dict[str, tuple[int | None, int | None]]] = {
    "brk": (12, 214), "capset": (126, 91), "clock_getres": (229, 114), "clock_gettime": (228, 113),
    "clock_nanosleep": (230, 115), "clone3": (435, 435), "close": (3, 57), "exit": (60, 93),
    "exit_group": (231, 94), "fcntl": (72, 25), "fstat": (5, 80), "futex": (202, 98), "getegid": (108, 177),
    "geteuid": (107, 175), "getgid": (104, 176), "getpid": (39, 172), "getppid": (110, 173),
    "getrandom": (318, 278), "getrusage": (98, 165), "gettid": (186, 178), "gettimeofday": (96, 169),
    "getuid": (102, 174), "ioctl": (16, 29), "kill": (62, 129), "lseek": (8, 62), "madvise": (28, 233),
    "membarrier": (324, 283), "mmap": (9, 222), "mount": (165, 40), "mprotect": (10, 226),
    "mremap": (25, 216), "munmap": (11, 215), "nanosleep": (35, 101), "pivot_root": (155, 41),
    "poll": (7, None), "ppoll": (271, 73), "prlimit64": (302, 261), "pselect6": (270, 72), "read": (0, 63),
    "readv": (19, 65), "recvfrom": (45, 207), "restart_syscall": (219, 128), "rseq": (334, 293),
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139),
    "sched_yield": (24, 124), "seccomp": (317, 277), "select": (23, None), "sendto": (44, 206),
    "set_robust_list": (273, 99), "setns": (308, 268), "sigaltstack": (131, 132), "socket": (41, 198),
    "tgkill": (234, 131),
    "time": (201, None), "times": (100, 153), "umount2": (166, 39), "unshare": (272, 97), "write": (1, 64),
    "writev": (20, 66),
}  # fmt: skip

#: The architectures that have a column in CALLS.
KNOWN: Final = tuple(_ARCHITECTURES)


def machine() -> str:
    """Return the architecture of this process, as `uname -m` names it."""
    return platform.machine()


def audit_number(machine: str) -> int:
    """Return the number of the architecture in struct seccomp_data. Raises KeyError if it is unknown."""
    return _ARCHITECTURES[machine][0]


def number(call: str, machine: str) -> int | None:
    """Return the number of a system call, None if the architecture does not have the call.

    Raises:
        KeyError: The tables do not have the call or the architecture.
    """
    return CALLS[call][_ARCHITECTURES[machine][1]]
