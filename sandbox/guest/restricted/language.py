"""The language of restricted scripts. It puts the library, the builtins and the guards together.

This is the weaker of the two layers around a restricted script, and never the only one. Attackers have found
escapes from every such guarded language. A script that escapes is still in a process that the kernel does not
allow to open files, connect to addresses or start processes (`lockdown`). The rules on the script's text are
in validation/restricted/rules.py. Those rules and this module read the tables in validation/restricted/.
"""

import builtins
import types
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sandbox.guest.restricted import compilers, evaluation, guards, imports, patches, seals
from sandbox.guest.restricted.audit import Audit
from sandbox.guest.restricted.library import Library
from sandbox.guest.restricted.namespaces import Namespaces
from validation.restricted.builtins import DENIED_BUILTINS


class Language:
    """The modules and builtins of restricted scripts. One process has one language, for all its scripts.

    Attributes:
        modules: The copies of the permitted modules, by name.
    """

    def __init__(self) -> None:
        """Import every module now, then seal the process. A locked-down process cannot import."""
        library = Library()
        names = {name: value for name, value in vars(builtins).items() if name not in DENIED_BUILTINS}
        spaces = Namespaces(names)
        evaluating = evaluation.functions(spaces, names)
        names |= guards.denied_builtins() | imports.functions(library) | evaluating
        names |= {access.__name__: guards.guarded(access) for access in (getattr, setattr, delattr, hasattr)}
        patches.apply(names)
        vars(builtins).update({name: evaluating[name] for name in ("compile", "eval", "exec")})
        self.modules: Final = library.modules
        self._builtins = names
        self._audit = Audit(spaces.is_library, compilers.COMPILERS, compilers.MAKERS)
        seals.seal_types(spaces.owns, _classes_in(names, *map(vars, self.modules.values())))
        seals.make_classes_immutable()

    def start(self) -> None:
        """Refuse the events of the interpreter that no script may cause, from now on."""
        self._audit.start()

    def builtins(self) -> dict[str, Any]:
        """Return the builtins of scripts."""
        return self._builtins

    @staticmethod
    def compile(script: str, filename: str, *, skips_main_block: bool) -> types.CodeType:
        """Compile a script."""
        return evaluation.compile_script(script, filename, skips_main_block)


def _classes_in(*namespaces: Mapping[str, Any]) -> Iterator[type]:
    return (value for names in namespaces for value in names.values() if isinstance(value, type))
