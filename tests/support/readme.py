"""The sections, tables and code blocks of the README, for tests that compare them with the code."""

import re

from tests.support.checkout import ROOT

TEXT = (ROOT / "README.md").read_text()


def section(heading: str) -> str:
    """Return the text under a heading, up to the next heading of any level."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert found, f"README.md has no section {heading}"
    return found[1]


def table(heading: str) -> list[list[str]]:
    """Return the rows of the first table under a heading, without its header."""
    rows = re.search(r"(?:^\|.*\n)+", section(heading), re.MULTILINE)
    assert rows, f"README.md has no table under {heading}"
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows[0].splitlines()[2:]]


def code(heading: str, language: str) -> list[str]:
    """Return the code blocks in `language` under a heading."""
    return re.findall(rf"^```{language}\n(.*?)^```$", section(heading), re.MULTILINE | re.DOTALL)
