from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo


def main():
    start = datetime(2024, 3, 10, 1, 30, tzinfo=ZoneInfo("America/New_York"))
    return {
        "later": (start.astimezone(timezone.utc) + timedelta(hours=1)).isoformat(),
        "week": list(date(2024, 12, 30).isocalendar()),
        "text": start.strftime("%A, %d %B %Y %H:%M %Z"),
        "parsed": str(datetime.strptime("29/02/2024 23:59", "%d/%m/%Y %H:%M")),
        "age": (date(2024, 3, 1) - date(2023, 3, 1)).days,
        "local": datetime.fromtimestamp(0).isoformat(),
    }
