"""The audit hook of a restricted runner: events of the interpreter that no script may cause.

The hook cannot be removed, and the interpreter's C code calls it whatever function a script uses. After
`start`, each event that is not listed here raises an error. So does an event that a newer Python adds.
Source: the table of audit events in the Python documentation.
"""

import errno
import os
import sys
import types
from collections.abc import Callable
from typing import Any, Final

#: Events that change nothing outside of the script's own objects.
_ALLOWED: Final = frozenset(
    (
        "array.__new__ builtins.id builtins.input builtins.input/result exec "
        "object.__getattr__ sqlite3.connect sqlite3.connect/handle sys._getframe sys._getframemodulename "
        "sys.set_asyncgen_hook_finalizer sys.set_asyncgen_hook_firstiter sys.unraisablehook time.sleep"
    ).split()
)

#: Events that change an attribute. A function whose defaults are set to None raises the second one.
_CHANGES: Final = frozenset({"object.__setattr__", "object.__delattr__"})

#: Attributes of functions. A new `__code__` would run a script's code with the globals of the library.
_CODE: Final = frozenset({"__code__", "__defaults__", "__kwdefaults__"})


class Audit:
    """The hook of one process."""

    def __init__(
        self,
        is_library: Callable[[Any], bool],
        compilers: frozenset[types.CodeType],
        makers: frozenset[types.CodeType],
    ) -> None:
        """Install the hook. It allows everything until `start`.

        Args:
            is_library: Whether a namespace is the library's.
            compilers: The code of the functions that may compile text.
            makers: The code of the functions that may make functions.
        """
        started = False

        def start() -> None:
            nonlocal started
            started = True

        self.start = start
        allowed, changes, code_attributes = _ALLOWED, _CHANGES, _CODE
        getframe, module = sys._getframe, types.ModuleType
        function_globals = types.FunctionType.__dict__["__globals__"].__get__
        frame_globals = types.FrameType.__dict__["f_globals"].__get__

        def runs(codes: frozenset[types.CodeType], frame: types.FrameType) -> bool:
            # With the library's own names: a script can write code that is equal, or get the code itself and
            # have it run with other names.
            return frame.f_code in codes and is_library(frame_globals(frame))

        def hook(event: str, arguments: tuple[Any, ...]) -> None:
            if not started or event in allowed:
                return
            if event == "compile" and runs(compilers, getframe(1)):
                return
            if event == "function.__new__" and runs(makers, getframe(1)):
                return
            if event in changes:
                target, name = arguments[:2]
                if name in code_attributes:
                    if name != "__code__" and not is_library(function_globals(target)):
                        return
                elif not (name == "__class__" and isinstance(target, module)):
                    return
            if event == "import":
                raise ModuleNotFoundError(f"No module named {arguments[0]!r}", name=arguments[0])
            if event == "open":
                raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), arguments[0])
            raise PermissionError(f"{event} cannot be used in the restricted executor")

        sys.addaudithook(hook)
