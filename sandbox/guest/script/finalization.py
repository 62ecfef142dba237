"""The end of a script, in the order in which the interpreter ends a program.

The script's functions still run here, and may raise, hang or have replaced what is called. The worker's
deadline bounds all of it. Source: Py_FinalizeEx in Python/pylifecycle.c.
"""

from __future__ import annotations

import _io
import gc
import sys

from sandbox.guest.channel import Channel
from sandbox.guest.report import FILE, SCRIPT
from sandbox.guest.script import streams

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final

#: Taken before a script could change anything.
_modules: Final = sys.modules
_Module: Final = type(sys)
_collect: Final = gc.collect
_objects: Final = gc.get_objects

#: The folder of the script's file.
_FOLDER: Final = FILE.removesuffix(SCRIPT)

_Loader: Final[Any] = sys.modules["_frozen_importlib_external"].SourceFileLoader

#: Types of objects whose end has no effect. A class is none of them, nor is a file or a generator.
_PLAIN: Final = frozenset({dict, list, tuple, set, type(lambda: None), _Module, _Loader, Channel})

#: What the interpreter keeps of the last uncaught exception, whose frames hold the script's objects.
_LAST: Final = ("last_exc", "last_type", "last_value", "last_traceback")


def finalize(*, has_imported: bool) -> None:
    """Wait for threads, run exit callbacks, end the script's objects, and write out its open files.

    Args:
        has_imported: Whether modules were imported that the runner did not have before the script.
    """
    _attempt(_wait_for_threads)
    _attempt(_run_exit_callbacks)
    _flush_replaced_streams()
    _attempt(_drop_script, has_imported)
    _flush_streams()
    _attempt(_flush_c_streams)


def _attempt(step: Callable[..., None], *arguments: bool) -> None:
    try:
        step(*arguments)
    except:  # noqa: E722 -- the script may have deleted every exception's name
        # A signal handler of the script raised, or the script replaced what is called.
        return


def _wait_for_threads() -> None:
    threading: Any = _modules.get("threading")
    try:
        # Without other threads the shutdown would only write to pages that the kernel must then copy.
        if not threading or threading.active_count() == 1:
            return
        threading._shutdown()
    except BaseException as error:
        trace = error.__traceback__
        if trace and trace.tb_frame.f_code is _wait_for_threads.__code__:
            trace = trace.tb_next
        BaseException.with_traceback(error, trace)
        # As the interpreter shows it.
        print(f"Exception ignored in: {threading!r}", file=sys.stderr)
        sys.__excepthook__(type(error), error, trace)


def _run_exit_callbacks() -> None:
    atexit: Any = _modules.get("atexit")
    if atexit:
        atexit._run_exitfuncs()


def _flush_c_streams() -> None:
    """Write out what C code has printed: the process ends without exit(3), which would do it."""
    ctypes: Any = _modules.get("ctypes")
    if ctypes:
        ctypes.pythonapi.fflush(None)


def _drop_script(has_imported: bool) -> None:
    """Drop the script's modules, so that finalizers run and files close; write out files that stay open."""
    # Most scripts leave nothing whose end has an effect. A collection would touch pages for nothing.
    if not has_imported and _are_all_plain():
        return
    names = sys.__dict__
    for name in _LAST:
        names.pop(name, None)
    names["stdout"], names["stderr"] = names.get("__stdout__"), names.get("__stderr__")
    # The interpreter collects twice as well. The first collection sorts the objects: in the second, a text
    # file ends before the buffer inside it, whose end would lose the text. Older objects are sorted already.
    _collect(1)
    _modules.pop("__main__", None)
    # A look at a module writes to its page, which the kernel must then copy.
    for name in [name for name, module in _modules.items() if _is_own(module)] if has_imported else ():
        del _modules[name]
    _collect()
    for thing in _objects():
        if issubclass(type(thing), _io._IOBase):
            _flush(thing)


def _are_all_plain() -> bool:
    """Return whether the script has left only objects whose end has no effect."""
    try:
        return _PLAIN.issuperset(map(type, _objects()))
    except PermissionError:
        # The restricted executor refuses a list of all objects.
        return False


def _is_own(module: object) -> bool:
    """Return whether the script has imported a module from a file beside its own."""
    file = module.__dict__.get("__file__") if type(module) is _Module else None
    return type(file) is str and file.startswith(_FOLDER)


def _flush_replaced_streams() -> None:
    """Write out the streams that the script has put in place of the standard streams."""
    names = sys.__dict__
    for name in ("stdout", "stderr"):
        stream = names.get(name)
        if stream is not names.get(f"__{name}__"):
            _flush(stream)


def _flush_streams() -> None:
    """Write out the standard streams, unless they are as the guest made them: those hold nothing back."""
    for name in ("__stdout__", "__stderr__"):
        stream = sys.__dict__.get(name)
        if not streams.is_unchanged(stream):
            _flush(stream)


def _flush(file: Any) -> None:
    try:
        file.flush()
    except:  # noqa: E722
        # The script may have closed the file or replaced it by any object.
        return
