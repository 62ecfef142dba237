"""The bounds of requests that wait."""

from contextlib import ExitStack

import pytest

from api.errors import TooManyWaits
from api.waits import Waits


def test_wait_is_refused_when_the_key_has_too_many() -> None:
    waits = Waits(key_max=2, key_streams_max=1000, connections=100)
    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(waits.place("shop"))
        with pytest.raises(TooManyWaits, match="of this key"):
            stack.enter_context(waits.place("shop"))
        stack.enter_context(waits.place("school"))
    with waits.place("shop"):
        pass


def test_waits_leave_a_quarter_of_the_connections_when_many_keys_wait() -> None:
    waits = Waits(key_max=1000, key_streams_max=1000, connections=40)
    with ExitStack() as stack:
        for number in range(30):
            stack.enter_context(waits.place(f"key-{number}"))
        with pytest.raises(TooManyWaits):
            stack.enter_context(waits.place("another"))


def test_one_key_leaves_waits_to_others_when_there_are_few_connections() -> None:
    waits = Waits(key_max=1000, key_streams_max=1000, connections=40)
    with ExitStack() as stack:
        for _ in range(22):
            stack.enter_context(waits.place("shop"))
        with pytest.raises(TooManyWaits, match="of this key"):
            stack.enter_context(waits.place("shop"))
        stack.enter_context(waits.place("school"))


def test_stream_is_refused_when_the_key_has_too_many() -> None:
    waits = Waits(key_max=1, key_streams_max=2, connections=100)
    with waits.stream("shop"), waits.stream("shop"):
        with pytest.raises(TooManyWaits, match="streams of this key"), waits.stream("shop"):
            pass
        with waits.stream("school"), waits.place("shop"):
            pass
    with waits.stream("shop"):
        pass


def test_waits_and_streams_of_one_key_leave_places_to_others() -> None:
    waits = Waits(key_max=1000, key_streams_max=1000, connections=40)
    with ExitStack() as stack:
        for _ in range(11):
            stack.enter_context(waits.stream("shop"))
            stack.enter_context(waits.place("shop"))
        for another in (waits.stream, waits.place):
            with pytest.raises(TooManyWaits, match="of this key wait or have streams"):
                stack.enter_context(another("shop"))
        for number in range(8):
            stack.enter_context(waits.stream(f"key-{number}"))
        with pytest.raises(TooManyWaits):
            stack.enter_context(waits.place("another"))


def test_all_clients_share_one_bound_when_there_are_no_keys() -> None:
    waits = Waits(key_max=1, key_streams_max=1000, connections=40)
    with waits.place(""), pytest.raises(TooManyWaits) as refused, waits.place(""):
        pass
    assert "key" not in str(refused.value)


def test_wait_gives_its_place_back_when_it_fails() -> None:
    waits = Waits(key_max=1, key_streams_max=1000, connections=40)
    with pytest.raises(ZeroDivisionError), waits.place("shop"):
        raise ZeroDivisionError
    with waits.place("shop"):
        pass
