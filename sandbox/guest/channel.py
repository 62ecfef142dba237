"""JSON messages over a SOCK_SEQPACKET socket.

The socket keeps packet boundaries. So bytes that a script writes between two packets of the runner cannot
shift the boundary of a message: each packet is entirely the runner's or entirely the script's. A message is
cut into packets of `tag + more flag + piece`. Packets that do not start with the tag are dropped.
"""

from __future__ import annotations

import _socket
import sys

from sandbox.guest import jsontext

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

PIECE: Final = 32 * 1024

_MORE: Final = b"+"
_LAST: Final = b"."

#: A descriptor is a C int.
_DESCRIPTOR_BYTES: Final = 4


class Channel:
    """One end of a socket that carries JSON messages marked with a tag."""

    def __init__(self, sock: _socket.socket, tag: bytes = b"") -> None:
        """Wrap `sock`. Without a tag every packet is accepted: use that only for a trusted other end."""
        self.sock = sock
        self._tag = tag

    def send(self, message: Any) -> None:
        """Send `message`. Blocks within the socket's timeout."""
        self.send_json(jsontext.encode(message).encode("utf-8", "surrogatepass"))

    def send_json(self, data: bytes) -> None:
        """Send a message that is already encoded as JSON."""
        for start in range(0, len(data), PIECE):
            last = start + PIECE >= len(data)
            packet = self._tag + (_LAST if last else _MORE) + data[start : start + PIECE]
            self.sock.send(packet)

    def send_with(self, descriptor: int, message: Any) -> None:
        """Send a message that fits one packet, and a descriptor with it."""
        packet = self._tag + _LAST + jsontext.encode(message).encode()
        data = descriptor.to_bytes(_DESCRIPTOR_BYTES, sys.byteorder)
        self.sock.sendmsg([packet], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, data)])

    def receive_descriptor(self) -> int:
        """Return the descriptor that came with the next packet. Raises EOFError if none came."""
        _, ancillary, _, _ = self.sock.recvmsg(PIECE, _socket.CMSG_SPACE(_DESCRIPTOR_BYTES))
        for _, _, data in ancillary:
            return int.from_bytes(data[:_DESCRIPTOR_BYTES], sys.byteorder)
        raise EOFError

    def receive(self) -> Any:
        """Return the next message. Raises EOFError when the other end is closed."""
        collected = Collector(self._tag, limit=None)
        while True:
            packet = self.sock.recv(len(self._tag) + 1 + PIECE)
            if not packet:
                raise EOFError
            if collected.add(packet):
                return jsontext.decode(collected.data.decode("utf-8", "surrogatepass"))


class Collector:
    """Joins the packets of one message, under a cap.

    Attributes:
        complete: Whether the last packet of the message has arrived.
        overflow: Whether pieces were dropped because of the cap.
    """

    def __init__(self, tag: bytes, limit: int | None) -> None:
        """Accept packets marked with `tag`; keep at most `limit` bytes."""
        self._pieces: list[bytes] = []
        self._size = 0
        self.complete = False
        self.overflow = False
        self._tag = tag
        self._limit = limit

    @property
    def data(self) -> bytes:
        """The kept bytes."""
        return b"".join(self._pieces)

    def add(self, packet: bytes) -> bool:
        """Add one packet; return whether the message is complete."""
        if self.complete or not packet.startswith(self._tag):
            return self.complete
        flag, piece = packet[len(self._tag) :][:1], packet[len(self._tag) + 1 :]
        if self._limit is not None and self._size + len(piece) > self._limit:
            self.overflow = True
        else:
            self._pieces.append(piece)
            self._size += len(piece)
        self.complete = flag == _LAST
        return self.complete
