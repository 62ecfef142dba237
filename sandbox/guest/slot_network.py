"""The network namespace of a slot, which its jobs have one after the other.

A script can make Unix sockets only, and all processes of a job end before the next job. But a socket that is
in flight in a cycle of sockets (SCM_RIGHTS) stays until the kernel's garbage collector finds it, and one that
was sent to the worker until the worker closes the job socket. Its abstract name would be taken for the next
job. So the zygote asks the kernel for the sockets in the namespace before each fork. If there is one, or if
the kernel cannot tell, the next job gets a new namespace.
Sources: man 7 sock_diag, net/unix/garbage.c, net/unix/diag.c.
"""

import os
import socket
import struct
from typing import Final

from sandbox.guest import kernel

_NETLINK_SOCK_DIAG: Final = 4
_SOCK_DIAG_BY_FAMILY: Final = 20
_REQUEST_DUMP: Final = 0x301
_ALL: Final = 0xFFFFFFFF

#: struct nlmsghdr and struct unix_diag_req: list the Unix sockets in all states.
_REQUEST: Final = struct.pack(
    "=IHHIIBBHIIIII",
    *(40, _SOCK_DIAG_BY_FAMILY, _REQUEST_DUMP, 0, 0),
    *(socket.AF_UNIX, 0, 0, _ALL, 0, 0, _ALL, _ALL),
)

#: The answer's type, in struct nlmsghdr: the list has ended.
_TYPE: Final = slice(4, 6)
_DONE: Final = struct.pack("=H", 3)

_ANSWER_BYTES: Final = 4096


class SlotNetwork:
    """The network namespace of the zygote, in which its forks begin."""

    def __init__(self) -> None:
        """Open the socket to ask the kernel with."""
        self._ask()

    def renew_unless_empty(self) -> None:
        """Enter a new network namespace if this one has a Unix socket. Raises OSError."""
        os.write(self._kernel, _REQUEST)
        if os.read(self._kernel, _ANSWER_BYTES)[_TYPE] == _DONE:
            return
        os.close(self._kernel)
        kernel.unshare(kernel.NEW_NET)
        self._ask()

    def _ask(self) -> None:
        # The kernel lists the namespace in which the socket was made. No object shall stay that scripts could
        # find among theirs: runners close the descriptor, and the number may get another meaning.
        self._kernel = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_SOCK_DIAG).detach()
