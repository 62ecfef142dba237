"""Numbers of an hour, as `/queue.json` gives them, for tests of the queue page."""

from datetime import UTC, datetime, timedelta
from typing import Any

from api.examples import QUEUE

_END = datetime(2026, 1, 31, 12, tzinfo=UTC)


def queue_numbers(**changes: Any) -> dict[str, Any]:
    """Return an hour in which each minute n has n jobs a second, with a gap from minute 20 to 25."""
    intervals = [_interval(minute) for minute in range(60) if not 20 <= minute < 25]
    return {**QUEUE, "at": _text(_END), "intervals": intervals, **changes}


def _interval(minute: int) -> dict[str, Any]:
    start = _END - timedelta(minutes=60 - minute)
    return {
        **QUEUE["intervals"][0],
        "start_at": _text(start),
        "end_at": _text(start + timedelta(minutes=1)),
        "submitted": float(minute),
        "finished": float(minute),
        "failed": 0.0,
    }


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
