"""The documents: their links, their size, and how their code blocks are labelled."""

import re
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from tests.support.checkout import ROOT
from tests.support.documents import OUTPUT, RUN, Document, document, documents

DOCUMENTS = list(documents())

#: The most lines of the README.
README_LINES = 120

#: Terms of the project that the glossary must explain, and retired terms that plainer terms have replaced.
TERMS = {
    *(
        "claim",
        "guest",
        "jail",
        "lease",
        "notification",
        "queue class",
        "reconcile",
        "slot",
        "token",
        "verdict",
    ),
    *(
        "budget",
        "capped",
        "check subprocess",
        "discard",
        "jail pool",
        "per-job namespaces",
        "preflight check",
        "registration",
        "rotation",
        "seal",
        "turn",
        "wait",
        "warm-up",
        "zygote",
    ),
}
RETIRED = ("hint", "jailer", "lane", "linger", "nest", "quarantine", "rehearsal")

#: The folders at the top. Other paths are paths of containers and machines.
ROOMS = {path.name for path in ROOT.iterdir() if path.is_dir()}


def each_document(test: object) -> object:
    return pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: page.name)(test)


@each_document
def test_links_lead_to_existing_files_and_headings(page: Document) -> None:
    for link in page.links:
        target, _, anchor = link.partition("#")
        path = (page.path.parent / target).resolve() if target else page.path
        assert path.is_relative_to(ROOT), link
        assert path.exists(), link
        if anchor:
            assert anchor in document(str(path.relative_to(ROOT))).anchors, link


def test_pictures_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in (ROOT / "docs/images").iterdir()}
    assert {name for name, size in sizes.items() if size >= 200_000} == set()


def test_every_page_can_be_reached_from_the_readme() -> None:
    found: set[Path] = set()
    to_read = [ROOT / "README.md"]
    while to_read:
        path = to_read.pop()
        if path in found or path.suffix != ".md" or not path.exists():
            continue
        found.add(path)
        links = document(str(path.relative_to(ROOT))).links
        to_read += [(path.parent / link.partition("#")[0]).resolve() for link in links]
    assert {page.name for page in DOCUMENTS if page.path not in found} == set()


def test_readme_is_short() -> None:
    assert len(document("README.md").text.splitlines()) <= README_LINES


@each_document
def test_code_block_is_run_or_has_a_reason_why_it_is_only_shown(page: Document) -> None:
    for block in page.blocks:
        assert block.language, f"line {block.line}: a block without a language"
        assert not block.label or len(block.label) > len("shown: "), f"line {block.line}: {block.label!r}"
        assert not block.label or block.shown, f"line {block.line}: {block.label!r}"


@each_document
def test_shell_and_yaml_blocks_have_no_syntax_error(page: Document) -> None:
    for block in page.blocks:
        if block.language == "sh":
            subprocess.run(["bash", "-n", "-c", block.text], check=True)
        elif block.language == "yaml":
            assert list(yaml.safe_load_all(block.text))


@each_document
def test_output_follows_a_block_that_is_run(page: Document) -> None:
    if page.blocks and page.blocks[0].language in OUTPUT:
        assert page.blocks[0].shown
    for before, after in pairwise(page.blocks):
        if after.language in OUTPUT and not after.shown:
            assert before.language in RUN, f"line {after.line}: the output of no command"
            assert not before.shown, f"line {after.line}: the output of a command that is only shown"


@pytest.mark.parametrize(
    "page", [page for page in DOCUMENTS if page.name != "CHANGELOG.md"], ids=lambda page: page.name
)
def test_paths_in_backticks_exist(page: Document) -> None:
    for path in re.findall(r"`((?:\w[\w-]*/)+(?:[\w.-]+\.\w+)?)`", page.text):
        if path.split("/")[0] in ROOMS:
            assert (ROOT / path).exists(), path


def test_glossary_explains_the_terms_of_our_own() -> None:
    rows = document("docs/explanation/glossary.md").table("Glossary")
    words = [row[0].strip("*") for row in rows]
    assert words == sorted(words, key=str.lower)
    assert set(words) >= TERMS


@each_document
def test_page_uses_no_retired_term(page: Document) -> None:
    assert re.findall(rf"(?i)\b(?:{'|'.join(RETIRED)})s?\b", page.text) == []
