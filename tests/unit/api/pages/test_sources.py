"""The sources of the pages use nothing that makes HTML, code or styles from text."""

import re
from pathlib import Path

import pytest

from tests.support.checkout import ROOT

PAGES = ROOT / "api/pages"
TEMPLATES = sorted((PAGES / "templates").iterdir())
#: Without the code of others: CodeMirror has such calls for browsers that the pages do not support, and the policy
#: makes them fail.
OWN = [path for path in sorted((PAGES / "static").rglob("*.*")) if "vendor" not in path.parts]

#: Means of an injection. The browser would refuse them too, but only when they run.
FORBIDDEN = {
    "HTML from text": r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment"
    r"|setHTML|parseHTML|srcdoc",
    "code from text": r"\beval\b|new Function|set(Timeout|Interval)\(\s*[\"'`]|javascript:|importScripts|new Worker\("
    r"|\bimport\(",
    "an inline handler": r"\bon(click|error|load|input|change|key\w+|mouse\w+|pointer\w+|focus\w*|blur|submit|drag\w*"
    r"|drop|paste|toggle|begin)\s*=\s*[\"'`]|setAttribute\(\s*[\"'`]on",
    "an inline style": r"\bstyle\s*=\s*[\"'`]|cssText|insertRule|setAttribute\(\s*[\"'`]style"
    r"|(element|drawing)\([^)]*\bstyle:",
    "another site": r"\b(https?|wss?):(?!//(www\.w3\.org/2000/svg|127\.0\.0\.1:8080))|[\"'`(]//[a-z]",
    "a cookie": r"document\.cookie",
}


def name_of(path: Path) -> str:
    return path.relative_to(PAGES).as_posix()


def without_comments(source: str) -> str:
    """Return JavaScript or CSS without the comments on lines of their own, which name types and sources."""
    return re.sub(r"(?s:/\*.*?\*/)|^\s*//.*$", "", source, flags=re.MULTILINE)


# The examples, the only JSON, are the texts of scripts.
@pytest.mark.parametrize("path", [path for path in (*OWN, *TEMPLATES) if path.suffix != ".json"], ids=name_of)
def test_source_has_nothing_that_an_injection_needs(path: Path) -> None:
    source = without_comments(path.read_text("utf-8"))
    found = [(what, re.search(f"(?i:{pattern})", source)) for what, pattern in FORBIDDEN.items()]
    assert [(what, match[0]) for what, match in found if match] == []


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("place.innerHTML = text;", "HTML from text"),
        ("const { write } = document; document.write(text);", "HTML from text"),
        ("setTimeout('run()', 1);", "code from text"),
        ("const code = await import(url);", "code from text"),
        ('<a onclick="run()">', "an inline handler"),
        ('<p style="color: red">', "an inline style"),
        ('element("p", { class: "a", style: "color: red" })', "an inline style"),
        ('fetch("https://example.com")', "another site"),
        ('<script src="//example.com/a.js">', "another site"),
    ],
)
def test_check_of_the_sources_finds_each_means_of_an_injection(source: str, what: str) -> None:
    assert re.search(f"(?i:{FORBIDDEN[what]})", without_comments(source))


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_template_has_no_inline_script_and_no_inline_style(path: Path) -> None:
    text = path.read_text("utf-8")
    assert re.findall(r"<script(?![^>]*\ssrc=)[^>]*>|<style", text) == []
    assert all(body == "" for body in re.findall(r"<script[^>]*>(.*?)</script>", text, re.DOTALL))
    # `safe` and `Markup` would turn the escaping of values off.
    assert re.findall(r"\|\s*safe|autoescape|Markup", text) == []


@pytest.mark.parametrize("path", [path for path in OWN if path.suffix == ".js"], ids=name_of)
def test_module_imports_files_of_the_pages_by_relative_paths(path: Path) -> None:
    imported = re.findall(r"""(?:from|^import)\s+["']([^"']+)["']""", path.read_text("utf-8"), re.MULTILINE)
    for target in imported:
        assert target.startswith("."), f"{target} is no file of the pages"
        assert (path.parent / target).resolve().is_relative_to(PAGES / "static")
        assert (path.parent / target).is_file(), target


@pytest.mark.parametrize("path", [path for path in OWN if path.suffix == ".css"], ids=name_of)
def test_style_loads_no_other_file(path: Path) -> None:
    assert re.findall(r"@import|url\(", path.read_text("utf-8")) == []


def test_static_files_are_all_of_a_type_that_the_api_serves() -> None:
    served = {".css", ".js", ".json", ".svg", ".txt"}
    assert {path.suffix for path in (PAGES / "static").rglob("*") if path.is_file()} <= served
