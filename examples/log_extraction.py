"""Regular expressions with named groups: what a log says about failures."""

import re
from collections import Counter

LINE = re.compile(
    r"""
    ^(?P<time>\d{2}:\d{2}:\d{2}) \s
    (?P<level>[A-Z]+) \s
    \[(?P<service>[\w-]+)\] \s
    (?P<message>.*)$
    """,
    re.VERBOSE | re.MULTILINE,
)
MAIL = re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.]+\b")


def main(log):
    errors = [match for match in LINE.finditer(log) if match["level"] == "ERROR"]
    for match in errors:
        print(match["time"], match["message"])
    return {
        "errors": dict(Counter(match["service"] for match in errors)),
        "addresses": sorted(set(MAIL.findall(log))),
    }
