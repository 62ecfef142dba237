"""A relay between clients and the API that cuts each connection after some bytes."""

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from random import Random
from typing import Final

#: The fewest and most bytes of answers on one connection. The last event of a job must fit into some of them.
_BYTES: Final = (100, 20_000)


@contextmanager
def cutting_relay(port: int, random: Random) -> Iterator[int]:
    """Relay connections to a port of the loopback interface; yield the port of the relay."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_accept, args=(listener, port, random))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _accept(listener: socket.socket, port: int, random: Random) -> None:
    with suppress(OSError):
        while True:
            client, _ = listener.accept()
            left = random.randint(*_BYTES)
            threading.Thread(target=_relay, args=(client, port, left), daemon=True).start()


def _relay(client: socket.socket, port: int, left: int) -> None:
    """Relay one connection until either side closes it, or so many bytes of answers have passed."""
    with client, suppress(OSError), socket.create_connection(("127.0.0.1", port)) as api:
        while left > 0:
            for source in select.select([client, api], [], [])[0]:
                data = source.recv(left if source is api else 65536)
                if not data:
                    return
                (client if source is api else api).sendall(data)
                left -= len(data) if source is api else 0
