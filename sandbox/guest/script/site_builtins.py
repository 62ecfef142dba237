"""The builtins that the module `site` adds: exit, quit, help, copyright, credits, license.

A sandbox starts the interpreter without `site`, which reads the file system.
"""

from __future__ import annotations

import _sitebuiltins
import builtins
import sys

from sandbox.guest.versions import CREDITS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def install() -> None:
    """Add the builtins."""
    names: dict[str, Any] = vars(builtins)
    for name in ("exit", "quit"):
        names[name] = _sitebuiltins.Quitter(name, "Ctrl-D (i.e. EOF)")
    names["help"] = _sitebuiltins._Helper()
    names["copyright"] = _printer("copyright", sys.copyright)
    names["credits"] = _printer("credits", CREDITS)
    names["license"] = _printer("license", "See https://www.python.org/psf/license/")


def _printer(name: str, text: str) -> Any:
    """Return a _Printer. Its `__init__` would import os, and a fresh jail pays for each import."""
    printer: Any = _sitebuiltins._Printer.__new__(_sitebuiltins._Printer)
    for attribute, value in {"name": name, "data": text, "lines": None, "filenames": ()}.items():
        setattr(printer, f"_Printer__{attribute}", value)
    return printer
