"""The table of the standard library in the restricted executor, compared with the running Python."""

import importlib
import json
import subprocess
import sys

import pytest

from tests.support.checkout import ROOT
from validation.restricted.modules import LEFT_OUT, PERMITTED, reason_left_out

#: Imports the library as the guest does. Prints each import statement inside a function of a loaded module whose
#: module is not loaded yet: in a locked-down process it would fail.
_LATE_IMPORTS = """
import ast, importlib.util, json, sys
sys.path.insert(0, sys.argv[1])
from sandbox.guest.restricted.library import Library
from validation.restricted.modules import PERMITTED
Library()
late = []
for name in PERMITTED:
    module = sys.modules.get(name)
    if not (getattr(module, "__file__", None) or "").endswith(".py"):
        continue
    tree = ast.parse(open(module.__file__, encoding="utf-8").read())
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    for node in (inner for function in functions for inner in ast.walk(function)):
        if isinstance(node, ast.Import):
            wanted = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            relative = "." * node.level + (node.module or "")
            wanted = [importlib.util.resolve_name(relative, module.__package__) if node.level else node.module]
        else:
            continue
        late += [[name, other] for other in wanted if other not in sys.modules]
json.dump(late, sys.stdout)
"""

#: Imports that only a module's self-test or another system makes, or that need what a script does not have.
_NEVER_NEEDED = {
    "cmd readline", "difflib doctest", "hashlib _md5", "hashlib _sha1", "hashlib _sha2", "hashlib _sha256",
    "hashlib _sha3", "logging.handlers smtplib", "logging.handlers win32evtlog",
    "logging.handlers win32evtlogutil", "platform _ios_support", "platform _winreg", "platform ctypes",
    "platform java.lang", "platform vms_lib", "platform winreg", "xml.sax org.python.core",
    "zipfile py_compile",
}  # fmt: skip


def test_every_module_of_the_library_is_permitted_or_left_out_with_a_reason() -> None:
    undecided = {
        name for name in sys.stdlib_module_names if name not in PERMITTED and not reason_left_out(name)
    }
    assert undecided == set()


def test_no_module_is_permitted_and_left_out() -> None:
    assert not PERMITTED.keys() & LEFT_OUT.keys()
    assert all(name.partition(".")[0] in PERMITTED for name in PERMITTED)


@pytest.mark.parametrize("name", PERMITTED)
def test_permitted_module_has_the_granted_names(name: str) -> None:
    module, names = PERMITTED[name], set(dir(importlib.import_module(name)))
    assert (module.granted or set()) | module.more <= names
    assert not module.withheld.keys() & ((module.granted or set()) | module.more)


def test_library_has_imported_what_its_functions_import_late() -> None:
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-W", "ignore", "-c", _LATE_IMPORTS, str(ROOT)],
        capture_output=True,
        check=True,
        text=True,
    )
    assert {f"{name} {other}" for name, other in json.loads(ran.stdout)} <= _NEVER_NEEDED
