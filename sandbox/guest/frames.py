"""Hidden frames: frames of the guest that no stack and no traceback shows.

A script runs inside of functions of the guest, and functions of the guest run inside of the script. CPython
does not show a frame that has not reached the instruction RESUME of its code (`_PyFrame_IsIncomplete`). Code
without this instruction never reaches it: `f_back`, `sys._getframe`, tracebacks and the modules built on them
skip its frames. At RESUME the interpreter handles signals and traces and switches threads. It also does so at
calls and in loops. The frames of generators and coroutines stay visible.
Sources: Include/internal/pycore_frame.h; `_co_firsttraceable` in Objects/codeobject.c; CPython 3.11 to 3.14.
"""

from __future__ import annotations

import ast
import importlib.util
import inspect
import marshal
import opcode
import types
from typing import Final

from sandbox.guest.versions import PAIRS_CALLS_AT_RESUME

_RESUME, _NOP = opcode.opmap["RESUME"], opcode.opmap["NOP"]

#: The line of the instruction that becomes this RESUME.
_MARK: Final = 1_000_000

_GENERATORS: Final = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR


def compile_hidden(source: str, path: str, *, called: bool) -> types.CodeType:
    """Compile a module whose frames are hidden.

    Args:
        source: The text of the module.
        path: Its path.
        called: Whether scripts call its functions.
    """
    tree = ast.parse(source)
    # A call and its return must be paired. So a function that scripts call, if it has only one return, passes
    # a RESUME before it when there is a profiler.
    if called and PAIRS_CALLS_AT_RESUME:
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                _mark_return(node)
        tree.body += ast.parse("from sys import getprofile").body
    return hide(compile(tree, path, "exec", dont_inherit=True))


def _mark_return(function: ast.FunctionDef) -> None:
    """Put an instruction NOP between the value and the `return` of a function that has only one."""
    last = function.body[-1] if isinstance(function.body[-1], ast.Return) else None
    if [node for node in ast.walk(function) if isinstance(node, ast.Return)] not in ([], [last]):
        return
    ending = ast.parse("returned = None\nif getprofile() is not None:\n    pass\nreturn returned").body
    assign, test = ending[:2]
    assert isinstance(assign, ast.Assign)
    assert isinstance(test, ast.If)
    test.body[0].lineno = test.body[0].end_lineno = _MARK
    if last and last.value:
        assign.value = last.value
    function.body[-1 if last else len(function.body) :] = ending


def hide(code: types.CodeType) -> types.CodeType:
    """Return `code`, and all code in it, so that its frames are hidden. Raises ValueError."""
    if "__class__" in code.co_freevars:
        # Since CPython 3.12 it looks for the caller's frame, and does not find a hidden one.
        raise ValueError(f"{code.co_qualname} is hidden, and calls super without arguments")
    instructions = bytearray(code.co_code)
    for start, end, line in code.co_lines() if not code.co_flags & _GENERATORS else ():
        for at in range(start, end, 2):
            if instructions[at] == _RESUME:
                instructions[at : at + 2] = _NOP, 0
            elif instructions[at] == _NOP and line == _MARK:
                instructions[at] = _RESUME
    constants = tuple(hide(value) if isinstance(value, types.CodeType) else value for value in code.co_consts)
    return code.replace(co_code=bytes(instructions), co_consts=constants)


def byte_code(code: types.CodeType) -> bytes:
    """Return the content of a file that the interpreter runs without a look at the source (PEP 552)."""
    unchecked_hash = (0b01).to_bytes(4, "little") + bytes(8)
    return importlib.util.MAGIC_NUMBER + unchecked_hash + marshal.dumps(code)
