"""Assemble and install seccomp filters, and the filter of a runner in a slot.

A filter is a BPF program: an array of struct sock_filter.
Sources: the kernel's userspace-api/seccomp_filter.rst, include/uapi/linux/filter.h and seccomp.h.
"""

import ctypes
import socket
import struct
from typing import Final

from sandbox.guest import architecture

LOAD, JUMP_EQUAL, JUMP_GREATER_EQUAL, AND, RETURN = 0x20, 0x15, 0x35, 0x54, 0x06

ALLOW: Final = 0x7FFF0000
ERRNO: Final = 0x00050000
EPERM, ENOSYS = 1, 38

_NUMBER_AT, _ARCH_AT, ARGUMENTS_AT = 0, 4, 16

_SET_MODE_FILTER: Final = 1

#: The system calls that the zygote of a slot needs and a script does not.
_ZYGOTE_CALLS: Final = ("unshare", "setns", "mount", "umount2", "pivot_root", "capset", "seccomp")


def slot_filter(machine: str) -> bytes:
    """Return the filter of a runner in a slot, which denies the zygote's calls and its kind of socket.

    The jail's own filter still decides on all other calls.

    Raises:
        KeyError: The tables do not have the architecture.
    """
    code = begin(machine)
    for call in _ZYGOTE_CALLS:
        code += case(call, machine, [instruction(RETURN, ERRNO | EPERM)])
    # The kernel reads the family as a C int: its lower half.
    only_unix = [
        instruction(LOAD, ARGUMENTS_AT),
        instruction(JUMP_EQUAL, socket.AF_UNIX, 1, 0),
        instruction(RETURN, ERRNO | EPERM),
        instruction(RETURN, ALLOW),
    ]
    code += case("socket", machine, only_unix)
    code.append(instruction(RETURN, ALLOW))
    return b"".join(code)


class Filter:
    """A filter in the form that the kernel takes."""

    def __init__(self, filter_program: bytes) -> None:
        """Build the struct sock_fprog in memory."""
        self._program = ctypes.create_string_buffer(filter_program, len(filter_program))
        header = struct.pack("HxxxxxxP", len(filter_program) // 8, ctypes.addressof(self._program))
        self._header = ctypes.create_string_buffer(header, len(header))
        self._number = architecture.number("seccomp", architecture.machine())
        self._call = ctypes.CDLL(None, use_errno=True).syscall

    def install(self) -> None:
        """Install the filter for this process. It cannot be removed.

        Raises:
            OSError: The kernel refused, for example because no-new-privileges is not set.
        """
        if self._call(self._number, _SET_MODE_FILTER, 0, self._header):
            raise OSError(ctypes.get_errno(), "no seccomp filter could be installed")


def begin(machine: str) -> list[bytes]:
    """Return the first instructions of the filters of `machine`.

    They answer ENOSYS to calls of another architecture (int 0x80) and load the number of the system call. For
    each kill the kernel would write a line to the machine's log.
    """
    return [
        instruction(LOAD, _ARCH_AT),
        instruction(JUMP_EQUAL, architecture.audit_number(machine), 1, 0),
        instruction(RETURN, ERRNO | ENOSYS),
        instruction(LOAD, _NUMBER_AT),
    ]


def instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """Return one instruction. The last two arguments are the instructions to skip."""
    return struct.pack("HBBI", code, if_true, if_false, value)


def case(call: str, machine: str, body: list[bytes]) -> list[bytes]:
    """Return the code that runs `body` for one system call, none if `machine` does not have the call.

    The body must end in a return.
    """
    number = architecture.number(call, machine)
    return [] if number is None else [instruction(JUMP_EQUAL, number, 0, len(body)), *body]
