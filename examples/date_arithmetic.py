"""Working days between two dates, and the end of a notice period."""

from datetime import date, timedelta


def working_days(start, end):
    """Yield the days from Monday to Friday, `start` included, `end` not."""
    day = start
    while day < end:
        if day.weekday() < 5:
            yield day
        day += timedelta(days=1)


def main(start, end, notice_weeks):
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    days = list(working_days(first, last))
    leaves = last + timedelta(weeks=notice_weeks)
    print(f"{len(days)} working days, the last one a {days[-1]:%A}")
    return {
        "calendar_days": (last - first).days,
        "working_days": len(days),
        "notice_ends": leaves.isoformat(),
        "leap_year": date(first.year, 12, 31).timetuple().tm_yday == 366,
    }
