"""The documents as their tests read them: sections, tables, code blocks, links.

A test runs each code block of language `sh` or `python`, unless its first line gives a reason why it is only shown:

    ```sh shown: it needs a Kubernetes cluster

The next block of language `json` or `text` is the output of that block.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from tests.support.checkout import ROOT

#: The languages of blocks that are run, and of blocks that are the output of the block before them.
RUN: Final = ("sh", "python")
OUTPUT: Final = ("json", "text")

_FENCE: Final = re.compile(r"^( *)```(\w*) *(.*)\n((?:.*\n)*?)\1```$", re.MULTILINE)
_HEADING: Final = re.compile(r"^#+ (.*)$", re.MULTILINE)
_LINK: Final = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A fenced code block.

    Attributes:
        line: The line of its fence, counted from 1.
        language: The first word behind the fence, may be empty.
        label: The rest behind the fence.
        text: Its lines, without the indentation of the fence.
    """

    line: int
    language: str
    label: str
    text: str

    @property
    def shown(self) -> bool:
        """Whether the block is only shown: no test runs or compares it."""
        return self.label.startswith("shown: ")


@dataclass(frozen=True)
class Document:
    """A Markdown file of this checkout."""

    path: Path
    text: str = field(repr=False)

    @property
    def name(self) -> str:
        """Its path from the root of the checkout."""
        return str(self.path.relative_to(ROOT))

    @cached_property
    def blocks(self) -> list[Block]:
        """Its code blocks."""
        return [
            Block(
                line=self.text.count("\n", 0, found.start()) + 1,
                language=found[2],
                label=found[3],
                text=re.sub(rf"^{found[1]}", "", found[4], flags=re.MULTILINE),
            )
            for found in _FENCE.finditer(self.text)
        ]

    @cached_property
    def prose(self) -> str:
        """Its text without code."""
        return re.sub(r"`[^`\n]*`", "``", _FENCE.sub("", self.text))

    @cached_property
    def anchors(self) -> set[str]:
        """The anchors of its headings, as GitHub makes them."""
        anchors: set[str] = set()
        for heading in _HEADING.findall(_FENCE.sub("", self.text)):
            plain = re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
            number = 0
            while (anchor := f"{plain}-{number}" if number else plain) in anchors:
                number += 1
            anchors.add(anchor)
        return anchors

    @cached_property
    def links(self) -> list[str]:
        """The targets of its links within the checkout."""
        return [link for link in _LINK.findall(self.prose) if "://" not in link]

    def section(self, heading: str) -> str:
        """Return the text under a heading, up to the next one of any level."""
        found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", self.text, re.MULTILINE | re.DOTALL)
        assert found, f"{self.name} has no section {heading}"
        return found[1]

    def table(self, heading: str) -> list[list[str]]:
        """Return the cells of the first table under a heading, without its head."""
        rows = re.search(r"(?:^\|.*\n)+", self.section(heading), re.MULTILINE)
        assert rows, f"{self.name} has no table under {heading}"
        return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows[0].splitlines()[2:]]


def document(name: str) -> Document:
    """Return the document at a path from the root of the checkout."""
    return Document(ROOT / name, (ROOT / name).read_text("utf-8"))


def documents() -> Iterator[Document]:
    """Yield every document of the checkout."""
    for pattern in ("*.md", "client/*.md", "docs/**/*.md", "examples/*.md"):
        for path in sorted(ROOT.glob(pattern)):
            yield document(str(path.relative_to(ROOT)))
