"""Assemble and install seccomp filters, and the filter of a runner in a slot.

A filter is a BPF program: an array of struct sock_filter.
Sources: the kernel's userspace-api/seccomp_filter.rst, include/uapi/linux/filter.h and seccomp.h;
system call numbers from arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h.
"""

import ctypes
import platform
import struct
from typing import Final

LOAD, JUMP_EQUAL, JUMP_GREATER_EQUAL, AND, RETURN = 0x20, 0x15, 0x35, 0x54, 0x06

ALLOW: Final = 0x7FFF0000
ERRNO: Final = 0x00050000
EPERM, ENOSYS = 1, 38

_NUMBER_AT, _ARCH_AT, ARGUMENTS_AT = 0, 4, 16

_SET_MODE_FILTER: Final = 1

#: The number of each architecture in struct seccomp_data, and its column in the tables of system calls.
_ARCHITECTURES: Final = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}

#: The system calls that the zygote of a slot needs and a script does not.
_ZYGOTE_CALLS: Final = {
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39),
    "pivot_root": (155, 41), "capset": (126, 91), "seccomp": (317, 277),
}  # fmt: skip


def slot_filter(machine: str) -> bytes:
    """Return the filter of a runner in a slot, which denies the zygote's calls.

    The jail's own filter still decides on all other calls.

    Raises:
        KeyError: The tables do not have the architecture.
    """
    column, code = begin(machine)
    for numbers in _ZYGOTE_CALLS.values():
        code += case(numbers[column], [instruction(RETURN, ERRNO | EPERM)])
    code.append(instruction(RETURN, ALLOW))
    return b"".join(code)


class Filter:
    """A filter in the form that the kernel takes."""

    def __init__(self, filter_program: bytes) -> None:
        """Build the struct sock_fprog in memory."""
        self._program = ctypes.create_string_buffer(filter_program, len(filter_program))
        header = struct.pack("HxxxxxxP", len(filter_program) // 8, ctypes.addressof(self._program))
        self._header = ctypes.create_string_buffer(header, len(header))
        self._number = _ZYGOTE_CALLS["seccomp"][_ARCHITECTURES[machine()][1]]
        self._call = ctypes.CDLL(None, use_errno=True).syscall

    def install(self) -> None:
        """Install the filter for this process. It cannot be removed.

        Raises:
            OSError: The kernel refused, for example because no-new-privileges is not set.
        """
        if self._call(self._number, _SET_MODE_FILTER, 0, self._header):
            raise OSError(ctypes.get_errno(), "no seccomp filter could be installed")


def machine() -> str:
    """Return the architecture of this process."""
    return platform.machine()


def begin(machine: str) -> tuple[int, list[bytes]]:
    """Return the column of `machine` in the tables, and the first instructions of its filters.

    They answer ENOSYS to calls of another architecture (int 0x80) and load the number of the system call. For
    each kill the kernel would write a line to the machine's log.
    """
    architecture, column = _ARCHITECTURES[machine]
    return column, [
        instruction(LOAD, _ARCH_AT),
        instruction(JUMP_EQUAL, architecture, 1, 0),
        instruction(RETURN, ERRNO | ENOSYS),
        instruction(LOAD, _NUMBER_AT),
    ]


def instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """Return one instruction. The last two arguments are the instructions to skip."""
    return struct.pack("HBBI", code, if_true, if_false, value)


def case(number: int, body: list[bytes]) -> list[bytes]:
    """Return the code that runs `body` for one system call. The body must end in a return."""
    return [instruction(JUMP_EQUAL, number, 0, len(body)), *body]
