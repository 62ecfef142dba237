"""Replacements of eval, exec, compile, globals, locals and vars. They hold text to the restricted language.

`compile`, `eval` and `exec` are replaced for the library too: `typing` evaluates annotations; `dataclasses`
and `collections.namedtuple` run text that contains names of the script.
"""

# The functions have the names of the functions that they replace.
# ruff: noqa: A001

import ast
import builtins
import inspect
import sys
import types
from collections.abc import Callable
from typing import Any, Final

from sandbox.guest.report import SANDBOX
from sandbox.guest.restricted import compilers
from sandbox.guest.restricted.imports import refuse_library_code
from sandbox.guest.restricted.namespaces import Namespaces
from sandbox.guest.script import main_block
from sandbox.guest.versions import FRAME_LOCALS_ARE_PROXIES
from validation.errors import Rejection
from validation.restricted.rules import check_restricted

_compile: Final = builtins.compile
_eval: Final = builtins.eval
_exec: Final = builtins.exec
_vars: Final = builtins.vars
_get_traceback: Final = vars(BaseException)["__traceback__"].__get__
_with_traceback: Final = BaseException.with_traceback
_getframe: Final = sys._getframe
_ONLY_AST: Final = ast.PyCF_ONLY_AST


def _plainly(compiler: Callable[..., Any], *given: Any) -> Any:
    """Call a function whose frame is visible; an error of it has no traceback yet."""
    try:
        return compiler(*given)
    except Exception as error:
        raise _with_traceback(error, None)  # noqa: B904 -- the same error


def compile_checked(source: str | bytes, filename: str, mode: str) -> types.CodeType:
    """Compile a text that keeps the rule of the restricted language. Raises SyntaxError."""
    tree = _plainly(compilers.parse, source, filename, mode)
    try:
        check_restricted(tree, imports=False)
    except Rejection as fault:
        raise SyntaxError(fault.message, (filename, fault.line, fault.column, None)) from None
    code: types.CodeType = _plainly(compilers.compile_tree, tree, filename, mode)
    return code


def code_of(source: Any, mode: str) -> types.CodeType:
    """Return the code of a text, or a code object itself, if a script may run it."""
    if type(source) is not types.CodeType:
        return compile_checked(source, "<string>", mode)
    refuse_library_code(source)
    return source


def compile_script(script: str, filename: str, skips_main_block: bool) -> types.CodeType:
    """Compile a script, which passed the rule before it was queued."""
    tree = compilers.parse(script, filename, "exec")
    if skips_main_block:
        main_block.skip(tree)
    return compilers.compile_tree(tree, filename, "exec")


def functions(spaces: Namespaces, script_builtins: dict[str, Any]) -> dict[str, Callable[..., Any]]:
    """Return the replacements of builtins by their names.

    Args:
        spaces: Tells a script's namespaces from the library's.
        script_builtins: The builtins of scripts.
    """
    owns, is_library = spaces.owns, spaces.is_library
    # eval() and exec() give a namespace without builtins those of their caller. Here the caller is `call`: a
    # function keeps its builtins when its namespace loses them. Without them, `owns` does not take the frame
    # of `call` for a script's.
    space = {"__builtins__": script_builtins}

    def run(function: Callable[..., Any], *given: Any, **named: Any) -> Any:
        try:
            return call(function, *given, **named)
        except BaseException as error:
            # Without the frame of `call`, which is the first of the traceback. Not by the error's own
            # attributes, which its class may replace.
            raise _with_traceback(error, _get_traceback(error).tb_next)  # noqa: B904 -- the same error

    text = _compile("lambda run, *given, **named: run(*given, **named)", SANDBOX, "eval")
    call: Callable[..., Any] = _eval(text, space)
    del space["__builtins__"]

    def compile(  # noqa: PLR0917 -- the interpreter's
        source: Any, filename: Any, mode: str, flags: int = 0,
        dont_inherit: bool = False, optimize: int = -1,  # noqa: ARG001 -- the interpreter's
        *, _feature_version: int = -1,
    ) -> Any:  # fmt: skip
        """Compile a text that keeps the rule of the restricted language, or parse any text."""
        if flags & _ONLY_AST:
            return _plainly(compilers.parse, source, filename, mode, flags, _feature_version)
        return compile_checked(source, filename, mode)

    def names_of(caller: Any) -> Any:
        # The interpreter's own functions give a copy.
        function = caller.f_code.co_flags & inspect.CO_OPTIMIZED
        return dict(caller.f_locals) if function and FRAME_LOCALS_ARE_PROXIES else caller.f_locals

    def namespaces(caller: Any, local_names: Any) -> tuple[Any, Any]:
        # The library may call what a script gives it, also eval.
        if not owns(caller.f_globals):
            return {"__builtins__": script_builtins}, local_names
        return caller.f_globals, names_of(caller) if local_names is None else local_names

    def refuse_library(names: Any) -> None:
        if isinstance(names, dict) and is_library(names):
            raise PermissionError("a namespace of the library cannot be used in the restricted executor")

    def eval(source: Any, globals: Any = None, locals: Any = None) -> Any:
        """Evaluate an expression that keeps the rule of the restricted language."""
        if globals is None:
            globals, locals = namespaces(_getframe(1), locals)
        else:
            refuse_library(globals)
        if issubclass(type(source), str):
            source = str.lstrip(source, " \t")
        elif issubclass(type(source), bytes):
            source = bytes.lstrip(source, b" \t")
        return run(_eval, code_of(source, "eval"), globals, locals)

    def exec(source: Any, globals: Any = None, locals: Any = None, *, closure: Any = None) -> None:
        """Run statements that keep the rule of the restricted language."""
        if globals is None:
            globals, locals = namespaces(_getframe(1), locals)
        else:
            refuse_library(globals)
        run(_exec, code_of(source, "exec"), globals, locals, closure=closure)

    def globals() -> Any:
        """Return the namespace of the script."""
        return own(_getframe(1)).f_globals

    def locals() -> Any:
        """Return the names of the caller."""
        return names_of(own(_getframe(1)))

    def vars(*target: Any) -> Any:
        """Return the names of an object or of the caller."""
        return _vars(*target) if target else names_of(own(_getframe(1)))

    def own(caller: Any) -> Any:
        if not owns(caller.f_globals):
            raise PermissionError("the library's names cannot be used in the restricted executor")
        return caller

    return {made.__name__: made for made in (compile, eval, exec, globals, locals, vars)}
