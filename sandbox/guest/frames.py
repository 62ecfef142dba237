"""Hidden frames: frames of the guest that no stack and no traceback shows.

A script runs inside of functions of the guest, and functions of the guest run inside of the script. CPython
does not show a frame that has not reached the instruction RESUME of its code (`_PyFrame_IsIncomplete`). Code
without this instruction never reaches it: `f_back`, `sys._getframe`, tracebacks and the modules built on them
skip its frames. RESUME only lets signals, traces and other threads in; calls and loops let them in too.
The frames of generators and coroutines stay visible.
Sources: Include/internal/pycore_frame.h; `_co_firsttraceable` in Objects/codeobject.c; CPython 3.11 to 3.13.
"""

from __future__ import annotations

import opcode
import types


def hide(code: types.CodeType) -> types.CodeType:
    """Return `code`, and all code in it, so that its frames are hidden."""
    resume, nothing = opcode.opmap["RESUME"], opcode.opmap["NOP"]
    instructions = bytearray(code.co_code)
    for at in range(0, len(instructions), 2):
        if instructions[at] == resume:
            instructions[at : at + 2] = nothing, 0
    constants = tuple(hide(value) if isinstance(value, types.CodeType) else value for value in code.co_consts)
    return code.replace(co_code=bytes(instructions), co_consts=constants)
