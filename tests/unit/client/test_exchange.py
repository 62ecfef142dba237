import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_executor.errors import ServiceFault
from python_executor.exchange import (
    LONGEST_PAUSE,
    MOST_ERRORS,
    Answer,
    Deadline,
    NoAnswer,
    Request,
    Retries,
    describe,
    exchange,
)
from tests.support.client_steps import BROKEN, PERMANENT, REFUSED, SLOW, Performer, answer, error

#: Seconds of a call and of the patience of a client in these tests.
BOUND = 60.0
PATIENCE = 20.0


def _exchange(
    *answers: Answer | NoAnswer, open_end: bool = False, bound: float = BOUND, slowest: float = 15.0
) -> tuple[Answer | ServiceFault, Performer]:
    performer = Performer()
    request = Request("POST", "/jobs", open_end=open_end)
    steps = exchange(request, Deadline(bound, performer.clock), PATIENCE, slowest)
    try:
        return performer.perform(steps, answers), performer
    except ServiceFault as fault:
        return fault, performer


@pytest.mark.parametrize("status", [200, 202, 204, 301, 400, 401, 404, 409, 413, 415, 421, 422, 501])
def test_exchange_returns_an_answer_at_once_that_a_retry_would_not_change(status: int) -> None:
    found, performer = _exchange(answer(status))
    assert isinstance(found, Answer)
    assert found.status == status
    assert len(performer.steps) == 1


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_exchange_sends_the_same_request_again_when_the_service_could_not_handle_it(status: int) -> None:
    found, performer = _exchange(error(status), error(status), answer(200))
    assert isinstance(found, Answer)
    assert found.status == 200
    assert len({id(send.request) for send in performer.sent}) == 1
    assert len(performer.sent) == 3


@pytest.mark.parametrize("fault", [REFUSED, BROKEN, SLOW])
def test_exchange_sends_again_when_there_was_no_answer(fault: NoAnswer) -> None:
    found, _ = _exchange(fault, answer(200))
    assert isinstance(found, Answer)


def test_exchange_sends_again_without_a_pause_when_an_idle_connection_was_closed() -> None:
    _, performer = _exchange(BROKEN, answer(200))
    assert performer.pauses == [0.0]


def test_exchange_pauses_when_connections_break_again_and_again() -> None:
    _, performer = _exchange(BROKEN, BROKEN, BROKEN, answer(200))
    assert performer.pauses[0] == 0.0
    assert all(pause >= 0.05 for pause in performer.pauses[1:])


def test_exchange_gives_up_at_once_when_a_retry_would_fail_in_the_same_way() -> None:
    found, performer = _exchange(PERMANENT)
    assert isinstance(found, ServiceFault)
    assert len(performer.steps) == 1


@pytest.mark.parametrize("fault", [REFUSED, BROKEN, error(503), error(502), error(408)])
def test_exchange_gives_up_when_the_service_is_away_for_longer_than_the_patience(
    fault: Answer | NoAnswer,
) -> None:
    found, performer = _exchange(fault)
    assert isinstance(found, ServiceFault)
    assert PATIENCE - LONGEST_PAUSE <= performer.elapsed <= PATIENCE


@pytest.mark.parametrize("fault", [error(429, "rate_limited"), error(504)])
def test_exchange_goes_on_until_the_deadline_when_the_service_works(fault: Answer) -> None:
    found, performer = _exchange(fault)
    assert isinstance(found, ServiceFault)
    assert BOUND - LONGEST_PAUSE <= performer.elapsed <= BOUND


def test_exchange_gives_up_soon_when_the_service_fails_at_the_same_request() -> None:
    found, performer = _exchange(error(500, "internal_error"))
    assert isinstance(found, ServiceFault)
    assert (found.status, found.type) == (500, "internal_error")
    assert len(performer.sent) == MOST_ERRORS


def test_exchange_counts_the_time_that_the_service_is_away_anew_when_it_has_worked() -> None:
    refusals = [error(503, retry_after="15")]
    found, _ = _exchange(*refusals, error(429), *refusals, error(429), *refusals, answer(200))
    assert isinstance(found, Answer)


def test_exchange_waits_on_for_a_late_answer_only_when_it_may_be_late() -> None:
    found, performer = _exchange(SLOW, open_end=True)
    assert isinstance(found, ServiceFault)
    assert performer.elapsed == pytest.approx(BOUND, abs=LONGEST_PAUSE)
    found, performer = _exchange(SLOW, open_end=False)
    assert isinstance(found, ServiceFault)
    assert performer.elapsed <= 15 + PATIENCE + 15


@pytest.mark.parametrize("seconds", ["7", "0"])
def test_exchange_waits_as_long_as_the_service_asks(seconds: str) -> None:
    _, performer = _exchange(error(429, retry_after=seconds), answer(200))
    assert performer.pauses[0] >= float(seconds)


@pytest.mark.parametrize("header", ["3600", "9" * 400, formatdate(time.time() + 86_400, usegmt=True)])
def test_exchange_gives_up_at_once_when_it_should_wait_beyond_the_deadline(header: str) -> None:
    found, performer = _exchange(error(429, "storage_full", retry_after=header))
    assert isinstance(found, ServiceFault)
    assert found.type == "storage_full"
    assert found.retry_after is not None
    assert 3500 < found.retry_after < float("inf")
    assert len(performer.steps) == 1


@given(
    st.lists(
        st.sampled_from([REFUSED, BROKEN, SLOW, error(503), error(429, retry_after="3"), error(500)]),
        min_size=1,
    ),
    st.floats(0, 100),
    st.floats(0.1, 100),
    st.booleans(),
)
def test_exchange_ends_by_its_deadline_whatever_the_service_answers(
    faults: list[Answer | NoAnswer], bound: float, slowest: float, open_end: bool
) -> None:
    _, performer = _exchange(*faults, bound=bound, slowest=slowest, open_end=open_end)
    # Each prepared answer takes a millisecond.
    assert performer.elapsed <= bound + 0.001 * len(performer.sent) + 1e-6


@given(st.floats(0, 1))
def test_pauses_grow_to_their_bound(jitter: float) -> None:
    performer = Performer()
    retries = Retries(Deadline(10_000, performer.clock), 10_000, lambda: jitter)
    pauses = [retries.pause_after(REFUSED) for _ in range(20)]
    assert pauses == sorted(pauses)
    assert 0.05 <= pauses[0] <= 0.1
    assert LONGEST_PAUSE / 2 <= pauses[-1] <= LONGEST_PAUSE


@given(st.text())
def test_retry_after_is_seconds_or_unknown_whatever_a_proxy_writes(value: str) -> None:
    found = describe(Answer(503, {"retry-after": value}, b"")).retry_after
    assert found is None or 0 <= found <= 1e9


def test_retry_after_can_be_a_date() -> None:
    later = datetime.now(UTC) + timedelta(seconds=100)
    found = describe(Answer(503, {"retry-after": format_datetime(later)}, b"")).retry_after
    assert found == pytest.approx(100, abs=5)


def test_retry_after_is_zero_when_its_date_has_passed() -> None:
    assert describe(error(503, retry_after="Thu, 01 Jan 1970 00:00:00 GMT")).retry_after == 0


@given(st.binary())
def test_describe_gives_a_fault_whatever_the_body_is(content: bytes) -> None:
    assert describe(Answer(503, {}, content)).status == 503


def test_redirect_is_named_in_the_fault_and_not_followed() -> None:
    with pytest.raises(ServiceFault, match=r"redirects to 'https://evil\.example/'"):
        Answer(301, {"location": "https://evil.example/"}, b"<html>").json()
