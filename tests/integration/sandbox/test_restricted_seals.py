"""Objects of the library that a restricted script can reach, through any reader of attributes."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.checkout import ROOT
from validation.restricted.modules import PERMITTED

#: Places of the library that look up a module, or an attribute of one, by a text that is not in the source; and
#: places that run text. Each with the reason why a script gains nothing.
READERS = {
    "annotationlib.ForwardRef": "patched: only the script's module and builtins",
    "annotationlib.get_annotations": "patched: only the script's module; eval refuses the globals of the library",
    "collections.abc": "its own name",
    "collections.namedtuple": "the text passes the rule; its names are identifiers",
    "contextlib._RedirectStream": "patched: only the standard streams",
    "dataclasses._FuncBuilder": "the text passes the rule, and runs with no globals of the library",
    "dataclasses._create_fn": "the text passes the rule, and runs with no globals of the library",
    "dataclasses._get_field": "its own name",
    "dataclasses._is_type": "patched: few modules; the answer is only compared",
    "dataclasses._process_class": "patched: few modules; exec refuses their globals",
    "decimal": "its own name",
    "enum.EnumType": "patched: only the script's module",
    "enum._old_convert_": "patched: only the script's module",
    "enum.global_enum": "patched: only the script's module",
    "gettext.c2py": "the text is made of the tokens of an expression, and passes the rule",
    "hashlib.__get_openssl_constructor": "the name starts with openssl_",
    "inspect._findclass": "inspect.getdoc, which scripts do not have",
    "inspect._main": "the command line",
    "inspect._signature_fromstr": "gives constants only; eval refuses the globals of the library",
    "inspect.get_annotations": "eval refuses the globals of the library",
    "inspect.getfile": "gives a file name only",
    "inspect.getmodule": "scripts do not have it",
    "optparse.Values": "scripts do not have these methods",
    "timeit.Timer": "patched: the text runs with no globals of the library, and passes the rule",
    "traceback._compute_suggestion_error": "gives names only",
    "typing": "its own pseudo-modules",
    "typing.ForwardRef": "patched: only the script's module; eval refuses the globals of the library",
    "typing._LazyAnnotationLib": "names of annotationlib that the library asks for",
    "typing._eval_type": "patched: only the script's module",
    "typing.__getattr__": "withheld by the copy",
    "typing.get_type_hints": "patched: only the script's module; eval refuses the globals of the library",
    "warnings": "its own name",
    "warnings._getcategory": "the interpreter's option -W",
    "xml.dom.domreg.getDOMImplementation": "only well-known names, and the environment's",
    "xml.sax": "calls create_parser() of a module, which only parsers have",
    "xml.sax._create_parser": "calls create_parser() of a module, which only parsers have",
}  # fmt: skip

#: The packages and modules that a script can import something from, and one whose classes `typing` hands on.
PACKAGES = {name.partition(".")[0] for name in PERMITTED} | {"annotationlib"}


def _crawl(*arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-I", "-S", "-W", "ignore", str(ROOT / "tests/support/crawl.py"), str(ROOT)]
    done = subprocess.run([*command, *arguments], check=True, capture_output=True, text=True, timeout=300)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def crawled() -> dict[str, Any]:
    return _crawl()


def test_restricted_script_reaches_nothing_of_the_library_by_any_attribute(crawled: dict[str, Any]) -> None:
    assert crawled["leaks"] == []
    assert crawled["left"] == 0
    assert crawled["seen"] > 10_000


def test_crawl_finds_the_library_when_nothing_is_sealed() -> None:
    leaks = _crawl("unsealed")["leaks"]
    assert any("module builtins" in leak for leak in leaks)
    assert any("__globals__" in leak for leak in leaks)


def test_every_place_of_the_library_that_finds_a_module_by_text_is_known(crawled: dict[str, Any]) -> None:
    found = {
        place
        for name, file in crawled["files"].items()
        if file and file.endswith(".py") and name.partition(".")[0] in PACKAGES
        for place in _places(name, ast.parse(Path(file).read_bytes()))
    }
    assert found - READERS.keys() == set()


def _places(module: str, tree: ast.Module) -> Iterator[str]:
    """Yield the module and its outermost definition for each place that reads by a text."""
    imported = {
        (alias.asname or alias.name).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    for statement in tree.body:
        definition = f".{statement.name}" if isinstance(statement, ast.FunctionDef | ast.ClassDef) else ""
        if any(_reads_by_text(node, imported) for node in ast.walk(statement)):
            yield module + definition


def _reads_by_text(node: ast.AST, imported: set[str]) -> bool:
    match node:
        case ast.Subscript(value=ast.Attribute(attr="modules"), slice=key):
            return not isinstance(key, ast.Constant)
        case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="modules")), args=[key, *_]):
            return not isinstance(key, ast.Constant)
        case ast.Call(func=ast.Name(id="getattr" | "setattr"), args=[ast.Name(id=name), key, *_]):
            return name in imported and not isinstance(key, ast.Constant)
        case ast.Call(func=ast.Name(id="__import__") | ast.Attribute(attr="import_module"), args=[key, *_]):
            return not isinstance(key, ast.Constant)
        case ast.Call(func=ast.Name(id="eval" | "exec")):
            return True
    return False
