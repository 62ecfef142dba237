"""Signals that end the command."""

import os
import signal
from types import FrameType
from typing import Any, Final, NoReturn, Self

#: Windows has no SIGHUP.
_SIGNALS: Final = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


class Interrupted(BaseException):
    """A signal asks the command to end.

    Attributes:
        exit_code: 128 and the number of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(f"signal {number}")
        self.exit_code = 128 + number


class Interrupts:
    """Within its block the first signal raises Interrupted in the main thread; a second one ends the process.

    A signal that is ignored when the block begins stays ignored, as under `nohup`.
    """

    def __enter__(self) -> Self:
        self._before = {
            number: signal.signal(number, self._take)
            for number in _SIGNALS
            if signal.getsignal(number) is not signal.SIG_IGN
        }
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _take(self, number: int, _frame: FrameType | None) -> NoReturn:
        for each in self._before:
            signal.signal(each, _leave)
        raise Interrupted(number)


def _leave(number: int, _frame: Any) -> NoReturn:
    os._exit(128 + number)
