"""Rates and times from snapshots of counters."""

from collections.abc import Mapping
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.history import Snapshot
from store.queue_class import QUEUE_CLASSES
from store.series import HOUR_MS, Times, intervals, quantile, totals
from store.statistics import BUCKETS_MS

MINUTE = 60_000
NOW = 30_000_000 * MINUTE


def snapshot(at_ms: int, counters: Mapping[str, int] | None = None, *, queued: int = 0) -> Snapshot:
    return Snapshot(at_ms, dict.fromkeys(QUEUE_CLASSES[:1], queued), 1, counters or {})


def test_interval_has_rates_and_the_depth_at_its_end() -> None:
    before = {"submitted": 100, "finished:succeeded": 50}
    after = {
        "submitted": 220,
        "finished:succeeded": 80,
        "finished:failed:timeout": 6,
        "finished:cancelled": 24,
    }
    [found] = intervals([snapshot(NOW, after, queued=7), snapshot(NOW - MINUTE, before)])
    assert (found.start_ms, found.end_ms) == (NOW - MINUTE, NOW)
    assert (found.submitted, found.finished, found.failed) == (2.0, 1.0, 0.1)
    assert (found.queued, found.running) == (7, 1)
    assert found.waits == Times(None, None, None)


def test_interval_has_the_times_of_its_own_jobs_only() -> None:
    before = {"ran:60000": 1000, "ran:sum": 50_000_000}
    after = {**before, "ran:10": 4, "ran:sum": 50_000_030}
    [found] = intervals([snapshot(NOW, after), snapshot(NOW - MINUTE, before)])
    assert found.runs == Times(7.5, 7.5, 9.75)
    assert found.waits == Times(None, None, None)


def test_intervals_come_the_oldest_first_and_end_with_the_present() -> None:
    snapshots = [snapshot(NOW - 40_000 - n * MINUTE) for n in range(61)]
    found = intervals([snapshot(NOW), *snapshots])
    assert len(found) == 61
    assert found[-1].end_ms == NOW
    assert [one.start_ms for one in found] == sorted(one.start_ms for one in found)
    assert all(one.end_ms == other.start_ms for one, other in pairwise(found))


@pytest.mark.parametrize("minutes", [3, 40])
def test_intervals_have_a_gap_when_no_worker_took_snapshots(minutes: int) -> None:
    after, before = NOW - MINUTE, NOW - MINUTE - minutes * MINUTE
    found = intervals([snapshot(at) for at in (NOW, after, before, before - MINUTE)])
    assert [(one.start_ms, one.end_ms) for one in found] == [(before - MINUTE, before), (after, NOW)]


def test_intervals_leave_the_present_out_when_the_minute_has_just_begun() -> None:
    found = intervals([snapshot(NOW), snapshot(NOW - 2000), snapshot(NOW - 2000 - MINUTE)])
    assert [one.end_ms for one in found] == [NOW - 2000]


def test_intervals_and_totals_leave_out_the_time_in_which_the_database_was_emptied() -> None:
    counts = [{"submitted": 5}, {"submitted": 2}, {"submitted": 900}, {"submitted": 880}]
    snapshots = [snapshot(NOW - n * MINUTE, one) for n, one in enumerate(counts)]
    assert [one.submitted for one in intervals(snapshots)] == [pytest.approx(20 / 60), pytest.approx(3 / 60)]
    assert totals(snapshots) == {"submitted": 23}


def test_intervals_leave_out_the_time_before_the_clock_was_put_back() -> None:
    snapshots = [snapshot(at) for at in (NOW, NOW - MINUTE, NOW + HOUR_MS, NOW + HOUR_MS - MINUTE)]
    assert [one.end_ms for one in intervals(snapshots)] == [NOW]


def test_totals_count_the_jobs_of_a_gap_within_the_hour_and_none_of_earlier_hours() -> None:
    timeouts = "finished:failed:timeout"
    at = [NOW, NOW - 30 * MINUTE, NOW - 59 * MINUTE, NOW - 300 * MINUTE]
    counts = [{timeouts: 1007}, {timeouts: 1003, "submitted": 0}, {timeouts: 1000}, {}]
    assert totals([snapshot(*one) for one in zip(at, counts, strict=True)]) == {timeouts: 7}


@pytest.mark.parametrize("snapshots", [[], [snapshot(NOW, {"submitted": 3})]])
def test_series_are_empty_when_there_is_nothing_to_compare(snapshots: list[Snapshot]) -> None:
    assert intervals(snapshots) == []
    assert totals(snapshots) == {}


def buckets(numbers: Mapping[int, int], above: int = 0) -> list[int]:
    return [*(numbers.get(bound, 0) for bound in BUCKETS_MS), above]


def test_quantile_interpolates_inside_of_its_bucket() -> None:
    assert quantile(0.5, buckets({5: 10})) == 2.5
    assert quantile(0.95, buckets({100: 90, 1000: 10})) == 750.0
    assert quantile(0.5, buckets({10: 1, 50: 1})) == 10.0


def test_quantile_is_the_largest_bound_when_it_is_above_all_bounds() -> None:
    assert quantile(0.95, buckets({5: 1}, above=99)) == 300_000


def test_quantile_is_none_when_there_are_no_durations() -> None:
    assert quantile(0.5, buckets({})) is None


counters = st.dictionaries(
    st.sampled_from(
        [
            "submitted",
            "finished:succeeded",
            "finished:failed:timeout",
            "ran:5",
            "ran:inf",
            "ran:sum",
            "waited:100",
        ]
    ),
    st.integers(0, 10**9),
)


@given(st.lists(st.tuples(st.integers(NOW - 3 * HOUR_MS, NOW + HOUR_MS), counters), max_size=70))
def test_series_are_never_negative_whatever_the_snapshots(taken: list[tuple[int, dict[str, int]]]) -> None:
    snapshots = [snapshot(*one) for one in taken]
    for one in intervals(snapshots):
        assert one.start_ms < one.end_ms
        assert min(one.submitted, one.finished - one.failed, one.failed) >= 0
        for times in (one.waits, one.runs):
            assert times.mean is None or times.mean >= 0
            assert times.p50 is None or times.p95 is None or 0 <= times.p50 <= times.p95 <= BUCKETS_MS[-1]
    assert min(totals(snapshots).values(), default=0) >= 0


@given(st.lists(st.integers(0, 1000), min_size=len(BUCKETS_MS) + 1, max_size=len(BUCKETS_MS) + 1))
def test_quantile_grows_with_its_rank(numbers: list[int]) -> None:
    found = [quantile(q / 20, numbers) for q in range(21)]
    assert found == sorted(found, key=lambda one: one or 0.0)
