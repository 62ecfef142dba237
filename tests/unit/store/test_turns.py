import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from store.turns import LineFull, NoTurn, Turns
from tests.support.wait import eventually


class Callers:
    """Threads that take a turn each, and hold it until they are told to end."""

    def __init__(self, turns: Turns, pool: ThreadPoolExecutor) -> None:
        self._turns, self._pool = turns, pool
        self._ends: list[threading.Event] = []
        self.holding: list[str] = []

    def start(self, key: str) -> "Future[None]":
        end = threading.Event()
        self._ends.append(end)
        return self._pool.submit(self._hold, key, end)

    def start_in_line(self, key: str, waiting: int) -> None:
        """Start a caller and wait until `waiting` callers wait in all."""
        self.start(key)
        lines = self._turns._lines
        eventually(lambda: sum(map(len, lines.values())) == waiting, within=10, what=f"{waiting} wait")

    def wait_until_holding(self, *keys: str) -> None:
        eventually(lambda: self.holding == list(keys), within=10, what=f"{keys} hold, not {self.holding}")

    def end(self, number: int) -> None:
        self._ends[number].set()

    def end_all(self) -> None:
        for end in self._ends:
            end.set()

    def _hold(self, key: str, end: threading.Event) -> None:
        with self._turns.take(key):
            self.holding.append(key)
            end.wait(30)
            self.holding.remove(key)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def make_callers(stack: ExitStack, turns: Turns) -> Callers:
    callers = Callers(turns, stack.enter_context(ThreadPoolExecutor(16)))
    stack.callback(callers.end_all)
    return callers


def test_turns_give_a_key_one_place_when_others_are_free(stack: ExitStack) -> None:
    callers = make_callers(stack, Turns(2))
    callers.start("a")
    callers.wait_until_holding("a")
    callers.start_in_line("a", 1)
    callers.start("b")
    callers.wait_until_holding("a", "b")


def test_turns_go_round_the_keys_when_one_key_has_more_callers(stack: ExitStack) -> None:
    callers = make_callers(stack, Turns(1))
    callers.start("a")
    callers.wait_until_holding("a")
    for waiting, key in enumerate("aaabc", 1):
        callers.start_in_line(key, waiting)
    for number, key in ((0, "b"), (4, "c"), (5, "a"), (1, "a"), (2, "a")):
        callers.end(number)
        callers.wait_until_holding(key)


def test_turns_refuse_only_the_key_whose_line_is_full(stack: ExitStack) -> None:
    turns = Turns(1, waiting_max=2)
    callers = make_callers(stack, turns)
    callers.start("a")
    callers.wait_until_holding("a")
    callers.start_in_line("a", 1)
    callers.start_in_line("a", 2)
    with pytest.raises(LineFull), turns.take("a"):
        pass
    callers.start_in_line("b", 3)


def test_turns_refuse_a_caller_when_no_place_is_free_in_time(stack: ExitStack) -> None:
    turns = Turns(2, wait_seconds=0.01)
    callers = make_callers(stack, turns)
    callers.start("a")
    callers.wait_until_holding("a")
    with pytest.raises(NoTurn), turns.take("a"):
        pass
    with turns.take("b"), pytest.raises(NoTurn), turns.take("c"):
        pass
    with turns.take("c"):
        pass


def test_turns_free_the_place_and_the_line_when_a_caller_fails(stack: ExitStack) -> None:
    turns = Turns(1)
    for _ in range(2):
        with pytest.raises(ValueError, match="x"), turns.take("a"):
            raise ValueError("x")
    assert not turns._lines
    callers = make_callers(stack, turns)
    callers.start("b")
    callers.wait_until_holding("b")
