"""The imports of scripts: from the copies of the permitted modules, never from `sys.modules`.

The interpreter's instruction IMPORT_FROM looks into `sys.modules` if the object that `__import__` gave lacks
the name: a submodule is then the real one. A script could even put an `__import__` of its own there. So no
code of a script has this instruction: `replace_imports` makes `from m import a` a call. The code of the
library has it. A script can get such code, and `refuse_library_code` keeps it from running with names of the
script, an `__import__` of its own among them.
Source: import_from in Python/ceval.c.
"""

import __future__

import ast
import dis
import opcode
import sys
import types
from collections.abc import Callable, Iterable
from typing import Any, Final

from sandbox.guest.restricted.library import Library

_IMPORT: Final = "__import__"
_IMPORT_FROM: Final = "__import_from__"

_INSTRUCTION: Final = opcode.opmap["IMPORT_FROM"]

#: `replace_imports` leaves the instruction in place for these names. No package has a module of such a name.
_FEATURES: Final = frozenset(__future__.all_feature_names)


def functions(library: Library) -> dict[str, Callable[..., Any]]:
    """Return the builtins that import from `library`, by their names."""
    loaded = sys.modules
    public = {name: _public_names(module) for name, module in library.modules.items()}

    def __import__(  # noqa: A001, N807 -- the name of what it replaces
        name: str, _globals: object = None, _locals: object = None, fromlist: Any = (), level: int = 0
    ) -> types.ModuleType | None:
        if type(fromlist) is list and type(name) is str and name in loaded:
            # The interpreter's own C code imports with a list. It takes the module from sys.modules and
            # drops the answer (PyImport_Import in Python/import.c).
            return None
        return library.import_(name, fromlist, level)

    def __import_from__(module: str, name: str, level: int) -> Any:  # noqa: N807 -- one of the builtins of scripts
        found = library.import_(module, (name,), level)
        if name == "*":
            names = _public_names(found) if module == "__main__" else public[module]
            return {key: getattr(found, key) for key in names if hasattr(found, key)}
        return getattr(found, name)

    return {_IMPORT: __import__, _IMPORT_FROM: __import_from__}


def replace_imports(tree: ast.AST) -> None:
    """Replace, in a syntax tree, each import that would take a name from a module by a call."""
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            statements = getattr(node, field, None)
            if isinstance(statements, list):
                setattr(node, field, [new for old in statements for new in _replacements(old)])


def refuse_library_code(code: types.CodeType) -> None:
    """Raise PermissionError if the code, or code in it, imports as only the library's own code does."""
    # The first condition is fast. Every second byte is the number of an instruction, or 0.
    if _INSTRUCTION in code.co_code[::2] and any(
        found.opcode == _INSTRUCTION and found.argval not in _FEATURES for found in dis.get_instructions(code)
    ):
        raise PermissionError("code of the library cannot be used in the restricted executor")
    for constant in code.co_consts:
        if type(constant) is types.CodeType:
            refuse_library_code(constant)


def _replacements(statement: ast.stmt) -> Iterable[ast.stmt]:
    match statement:
        case ast.ImportFrom(module="__future__"):
            return [statement]
        case ast.ImportFrom(module=module, names=aliases, level=level):
            new = [_from(module or "", alias, level) for alias in aliases]
        case ast.Import(names=aliases) if any(alias.asname and "." in alias.name for alias in aliases):
            # `import a.b as c` has the instruction too.
            new = [_import_as(alias) for alias in aliases]
        case _:
            return [statement]
    return [ast.fix_missing_locations(ast.copy_location(made, statement)) for made in new]


def _from(module: str, alias: ast.alias, level: int) -> ast.stmt:
    value = _call(_IMPORT_FROM, module, alias.name, level)
    if alias.name == "*":
        update = ast.Attribute(ast.Call(ast.Name("globals", ast.Load()), [], []), "update", ast.Load())
        return ast.Expr(ast.Call(update, [value], []))
    return ast.Assign([ast.Name(alias.asname or alias.name, ast.Store())], value)


def _import_as(alias: ast.alias) -> ast.stmt:
    if not alias.asname:
        return ast.Import([alias])
    value = _call(_IMPORT, alias.name, None, None, "*")
    return ast.Assign([ast.Name(alias.asname, ast.Store())], value)


def _call(function: str, *arguments: Any) -> ast.Call:
    return ast.Call(ast.Name(function, ast.Load()), [ast.Constant(value) for value in arguments], [])


def _public_names(module: types.ModuleType) -> tuple[str, ...]:
    return tuple(name for name in vars(module) if not name.startswith("_"))
