"""Load the guest of the restricted executor so that no script sees its frames or its paths.

The root of a jail has hidden code (sandbox/jail/guest_files.py). Here the code is hidden when it is imported.
"""

import importlib.machinery
import sys
import types
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader

from sandbox.guest.frames import hide
from sandbox.guest.report import SANDBOX

_ROOMS = ("sandbox", "validation")
_VISIBLE = "sandbox.guest.restricted.compilers"


class HiddenLoader(SourceFileLoader):
    """Loads a module with hidden code."""

    def get_code(self, fullname: str) -> types.CodeType | None:
        """Return the code of the module."""
        code = SourceFileLoader.get_code(self, fullname)
        if code is None:
            return None
        return _rename(code) if fullname == _VISIBLE else hide(code)


class HiddenFinder:
    """Finds the modules of the guest, for one import of all of them."""

    def __enter__(self) -> None:
        sys.meta_path.insert(0, self)
        # This module's own imports are loaded again, hidden.
        for name in [name for name in sys.modules if name.partition(".")[0] in _ROOMS]:
            del sys.modules[name]

    def __exit__(self, *_: object) -> None:
        sys.meta_path.remove(self)

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module as the interpreter does, with another loader."""
        if name.partition(".")[0] not in _ROOMS:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec and isinstance(spec.loader, SourceFileLoader):
            spec.loader = HiddenLoader(spec.loader.name, spec.loader.path)
        return spec


def _rename(code: types.CodeType) -> types.CodeType:
    constants = tuple(
        _rename(value) if isinstance(value, types.CodeType) else value for value in code.co_consts
    )
    return code.replace(co_filename=SANDBOX, co_consts=constants)
