"""The functions that call the interpreter's compile(), or make a function of code.

The audit hook knows them by their frames. So their frames are not hidden, but show no path (`loader`).
"""

import ast
import builtins
import symtable
import types
from typing import Any, Final

from sandbox.guest.restricted.imports import refuse_library_code, replace_imports

_compile: Final = builtins.compile
_ONLY_AST: Final = ast.PyCF_ONLY_AST


def parse(source: str | bytes, filename: str, mode: str, flags: int = 0, feature_version: int = -1) -> Any:
    """Parse a text. Nothing runs."""
    # Not isinstance, and not an operator of `flags`: objects of a script answer what they like.
    if not issubclass(type(source), str | bytes):
        raise TypeError("only text can be compiled in the restricted executor")
    only_ast = int.__or__(flags, _ONLY_AST)
    return _compile(source, filename, mode, only_ast, dont_inherit=True, _feature_version=feature_version)


def compile_tree(tree: Any, filename: str, mode: str) -> types.CodeType:
    """Compile a syntax tree without the interpreter's instruction IMPORT_FROM."""
    replace_imports(tree)
    code: types.CodeType = _compile(tree, filename, mode, dont_inherit=True)
    return code


def make_function(
    script_builtins: dict[str, Any], code: types.CodeType, names: dict[str, Any], **parts: Any
) -> types.FunctionType:
    """Make a function of a script. Without builtins among its `names` it would get those of its caller."""
    # A script can give the library any object with a `__code__`.
    refuse_library_code(code)
    dict.__setitem__(names, "__builtins__", script_builtins)
    return types.FunctionType(code, names, **parts)


#: The code of every function that calls the interpreter's compile() or its parser.
COMPILERS: Final = frozenset(function.__code__ for function in (parse, compile_tree, symtable.symtable))

#: The code of every function that makes functions.
MAKERS: Final = frozenset({make_function.__code__})
