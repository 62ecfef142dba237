"""The worker's end of the job socket: STARTED and then the report of a runner, up to a cap."""

import contextlib
import fcntl
import json
import os
import select
import socket
import struct
import termios
from typing import Final

from jobs.limits import RESULT_BYTES
from sandbox.guest.channel import PIECE, Collector
from sandbox.guest.runner import STARTED

#: The most bytes to keep of a report: the result and its frame.
REPORT_BYTES: Final = RESULT_BYTES + 128 * 1024

#: The message STARTED, encoded.
_STARTED: Final = json.dumps(STARTED).encode()

#: The most packets to read. The longest report takes forty packets, and reading a packet costs the worker
#: more than sending it costs the script.
_MAX_PACKETS: Final = 128


class JobSocket:
    """Reads the packets of a runner. The script can send packets too.

    Attributes:
        folder: The working folder of the job, if the runner shall send it and has sent it.
        started: Whether the runner sent STARTED. Every later fault is the script's.
        ended: Whether there is no more to read: the report is complete, the runner has closed its end, or the
            script sent too many packets.
    """

    def __init__(self, sock: socket.socket, tag: bytes, *, takes_folder: bool = False) -> None:
        """Read nothing yet.

        Args:
            sock: The socket. The caller closes it.
            tag: The tag that marks the packets of the runner.
            takes_folder: Whether the runner sends its working folder with STARTED.
        """
        self._socket, self._tag = sock, tag
        self._report = Collector(tag, limit=REPORT_BYTES)
        self._packets = 0
        self._takes_folder = takes_folder
        self.folder: int | None = None
        self.started = self.ended = False
        sock.setblocking(False)

    @property
    def complete(self) -> bool:
        """Whether a whole report has arrived."""
        return self.started and self._report.complete

    @property
    def report(self) -> bytes | None:
        """The runner's report, None if no complete report arrived."""
        return self._report.data if self._report.complete and not self._report.overflow else None

    @property
    def report_overflow(self) -> bool:
        """Whether a report arrived that exceeds REPORT_BYTES."""
        return self._report.complete and self._report.overflow

    def read(self, events: int) -> None:
        """Read a packet, after `events` of a poll.

        The kernel closes descriptors that come with a packet, because there is no room for them (man 7 unix).
        There is room for one with the first packet, which was sent before the script started.
        """
        try:
            packet = self._receive_first() if self._takes_folder else self._socket.recv(PIECE * 2)
        except BlockingIOError:
            return
        except OSError:
            packet = b""
        self._packets += 1
        if self._packets > _MAX_PACKETS:
            self._cut_off()
        elif packet:
            self._add(packet)
        elif events & (select.POLLHUP | select.POLLERR) and not self._unread():
            self.ended = True
        # Otherwise the script sent an empty packet, which looks like the end of the socket.

    def close(self) -> None:
        """Close the folder. If its namespaces have ended, the kernel frees its memory before this returns."""
        if self.folder is not None:
            os.close(self.folder)
            self.folder = None

    def _receive_first(self) -> bytes:
        packet, fds, _, _ = socket.recv_fds(self._socket, PIECE * 2, 1, socket.MSG_CMSG_CLOEXEC)
        self._takes_folder = False
        if fds:
            self.folder = fds[0]
        return packet

    def _unread(self) -> bool:
        """Return whether there are unread packets that the runner sent before it closed its end."""
        return struct.unpack("i", fcntl.ioctl(self._socket, termios.FIONREAD, bytes(4))) != (0,)

    def _cut_off(self) -> None:
        """Stop reading a flood of packets and discard them all. Further sends fail with EPIPE."""
        self._report = Collector(self._tag, limit=REPORT_BYTES)
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RD)
        self.ended = True

    def _add(self, packet: bytes) -> None:
        if not self._report.add(packet):
            return
        if self.started:
            self.ended = True
        else:
            # The first message was sent before the script started, so the script cannot have forged it.
            self.started = self._report.data == _STARTED
            self._report = Collector(self._tag, limit=REPORT_BYTES)
