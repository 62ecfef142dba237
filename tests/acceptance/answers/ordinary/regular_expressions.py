import re


def main():
    text = "2024-01-05 ERROR [db] timeout; 2024-01-06 INFO [web] ok"
    pattern = re.compile(r"(?P<day>\d{4}-\d\d-\d\d) (?P<level>[A-Z]+) \[(?P<part>\w+)\]")
    return {
        "found": [match.groupdict() for match in pattern.finditer(text)],
        "split": re.split(r"[;,]\s*", text),
        "sub": re.sub(r"\d+", lambda match: str(int(match[0]) + 1), "a1b09"),
        "unicode": re.findall(r"\w+", "naïve café Ωμέγα"),
        "flags": re.findall("^a.$", "ab\nAC\nbd", re.M | re.I),
    }
