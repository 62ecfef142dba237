"""An event loop for a process that can open no socket and start no thread: timers and callbacks only."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final, NoReturn

from sandbox.guest.report import SCRIPT

#: Methods of an event loop that need sockets, pipes, processes, threads or signals.
_REFUSED: Final = (
    "add_reader add_signal_handler add_writer connect_accepted_socket connect_read_pipe connect_write_pipe "
    "create_connection create_datagram_endpoint create_server create_unix_connection create_unix_server "
    "getaddrinfo getnameinfo remove_reader remove_signal_handler remove_writer run_in_executor sendfile "
    "sock_accept sock_connect sock_recv sock_recv_into sock_recvfrom sock_recvfrom_into sock_sendall "
    "sock_sendfile sock_sendto start_tls subprocess_exec subprocess_shell"
).split()


class EventLoop(asyncio.BaseEventLoop):
    """Runs callbacks and timers. It is its own selector, and its wait is a sleep."""

    def __init__(self) -> None:
        """Open nothing: asyncio's own loop opens a pair of sockets here."""
        asyncio.BaseEventLoop.__init__(self)
        self._selector = self

    def select(self, timeout: float | None) -> list[Any]:
        """Sleep until the next timer.

        Raises:
            RuntimeError: There is no timer. No other process or thread could wake this loop up.
        """
        if timeout is None:
            raise RuntimeError(f"the event loop would wait for ever{self._waiting()}")
        if timeout > 0:
            time.sleep(timeout)
        return []

    def _waiting(self) -> str:
        """Return the lines of the script at which tasks wait, in words."""
        frames = [frame for task in asyncio.all_tasks(self) for frame in task.get_stack(limit=1)]
        lines = sorted({frame.f_lineno for frame in frames if frame.f_code.co_filename == SCRIPT})
        return f": a task waits at line {', '.join(map(str, lines))}, and no timer runs" if lines else ""

    def _process_events(self, event_list: list[Any]) -> None:
        """Do nothing: `select` returns no events."""

    def _write_to_self(self) -> None:
        """Do nothing: no other thread can wait for this loop."""


def _refused(name: str) -> Callable[..., NoReturn]:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise RuntimeError(f"the event loop of the restricted executor does not have {name}")

    return refuse


for _name in _REFUSED:
    setattr(EventLoop, _name, _refused(_name))


class _Policy(asyncio.DefaultEventLoopPolicy):
    def new_event_loop(self) -> EventLoop:
        return EventLoop()


def install() -> None:
    """Let every new event loop of this process be an `EventLoop`."""
    asyncio.set_event_loop_policy(_Policy())
