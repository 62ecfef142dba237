"""The README as its tests read it."""

import re

from tests.support.checkout import ROOT

TEXT = (ROOT / "README.md").read_text()


def section(heading: str) -> str:
    """Return the text under a heading, up to the next one of any level."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert found, f"README.md has no section {heading}"
    return found[1]


def table(heading: str) -> list[list[str]]:
    """Return the cells of the first table under a heading, without its head."""
    rows = re.search(r"(?:^\|.*\n)+", section(heading), re.MULTILINE)
    assert rows, f"README.md has no table under {heading}"
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows[0].splitlines()[2:]]


def code(heading: str, language: str) -> list[str]:
    """Return the blocks of code in `language` under a heading."""
    return re.findall(rf"^```{language}\n(.*?)^```$", section(heading), re.MULTILINE | re.DOTALL)
