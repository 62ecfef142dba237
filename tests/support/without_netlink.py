"""`python -m tests.support.without_netlink PROGRAM ARGUMENT…`: run a program that cannot watch the network interfaces.

When an address appears or goes, Chromium breaks its connections off with ERR_NETWORK_CHANGED, also those to this machine.
Tests in containers add and remove interfaces meanwhile. Without a netlink socket Chromium watches nothing.
"""

import ctypes
import errno
import os
import socket
import sys

from sandbox.guest import architecture
from sandbox.guest.seccomp import (
    ALLOW,
    ARGUMENTS_AT,
    ERRNO,
    JUMP_EQUAL,
    LOAD,
    RETURN,
    Filter,
    begin,
    instruction,
)

_PR_SET_NO_NEW_PRIVS = 38

#: The number of socket(2) by architecture.
_SOCKET = {"x86_64": 41, "aarch64": 198}


def main() -> None:
    """Deny netlink sockets to this process, and become the program."""
    body = [
        instruction(LOAD, ARGUMENTS_AT),
        instruction(JUMP_EQUAL, socket.AF_NETLINK, 0, 1),
        instruction(RETURN, ERRNO | errno.EAFNOSUPPORT),
        instruction(RETURN, ALLOW),
    ]
    machine = architecture.machine()
    is_socket = instruction(JUMP_EQUAL, _SOCKET[machine], 0, len(body))
    code = [*begin(machine), is_socket, *body, instruction(RETURN, ALLOW)]
    ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    Filter(b"".join(code)).install()
    os.execv(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
