"""The standard library as a restricted script sees it: copies of its modules with their public names."""

import contextlib
import encodings
import hashlib
import importlib
import mimetypes
import pkgutil
import string
import sys
import types
from collections.abc import Callable
from typing import Any, Final, NoReturn

from sandbox.guest.restricted import time_zones
from validation.restricted.modules import PERMITTED, Module, reason_left_out

#: Modules that the library imports only when it needs them. Some Python versions do not have all of them.
_LATE: Final = (
    "_ast_unparse _pylong _sha2 _strptime _suggestions _tokenize annotationlib codeop sqlite3.dump "
    "xml.dom.expatbuilder xml.sax.expatreader"
).split()

#: The streams of sys, which a script may replace.
_STREAMS: Final = frozenset({"stdin", "stdout", "stderr"})


class Library:
    """The permitted modules of one process.

    Attributes:
        modules: The copies of the modules, by name.
    """

    def __init__(self) -> None:
        """Import everything now. A locked-down process cannot import."""
        _import_late_modules()
        self.modules: dict[str, types.ModuleType] = {}
        self._names: dict[str, frozenset[str]] = {}
        for name, permitted in PERMITTED.items():
            # The interpreter may have been built without some, such as lzma.
            with contextlib.suppress(ModuleNotFoundError):
                module = importlib.import_module(name)
                _refuse_methods(module, permitted)
                self._names[name] = frozenset(dir(module))
                self.modules[name] = _public_copy(module, permitted, self._names[name])
        for name, module in self.modules.items():
            parent, _, child = name.rpartition(".")
            if parent:
                vars(self.modules[parent])[child] = module

    def import_(self, name: object, names: object, level: object) -> types.ModuleType:
        """Return the module for `import name` or `from name import names`.

        Raises:
            ImportError: A script may not import the module or one of the names.
        """
        if type(name) is str and name == "__main__" in sys.modules and not level:
            return self._import_main(names)
        if type(name) is not str or level or name not in self.modules:
            raise _import_error(name, level)
        if not names:
            return self.modules[name.partition(".")[0]]
        module = self.modules[name]
        for wanted in names if type(names) is tuple else ():
            # Otherwise the interpreter would look for a submodule in sys.modules, where the real ones are.
            if wanted != "*" and wanted not in vars(module):
                real = wanted in self._names[name]
                message = _missing(name, wanted) if real else f"cannot import name {wanted!r} from {name!r}"
                raise ImportError(message, name=name)
        return module

    @staticmethod
    def _import_main(names: object) -> types.ModuleType:
        """Return the module of the script, which holds only what `globals` shows."""
        module = sys.modules["__main__"]
        for wanted in names if type(names) is tuple else ():
            if wanted != "*" and wanted not in vars(module):
                raise ImportError(f"cannot import name {wanted!r} from '__main__'", name="__main__")
        return module


class _Sys(types.ModuleType):
    """The copy of sys. Its streams are the real ones, so that `print` follows a replacement."""

    def __getattribute__(self, name: str) -> Any:
        return getattr(sys, name) if _is_stream(name) else types.ModuleType.__getattribute__(self, name)

    def __setattr__(self, name: str, value: object) -> None:
        # The runner calls the hook at the end of the script.
        if _is_stream(name) or (type(name) is str and name == "excepthook"):
            setattr(sys, name, value)
        else:
            types.ModuleType.__setattr__(self, name, value)


def _is_stream(name: object) -> bool:
    # Not a subclass of str, which could compare as one name and be read as another.
    return type(name) is str and name in _STREAMS


def _import_late_modules() -> None:
    for name in _LATE:
        with contextlib.suppress(ModuleNotFoundError):
            importlib.import_module(name)
    for encoding in pkgutil.iter_modules(encodings.__path__):
        # Some exist on Windows only.
        with contextlib.suppress(ImportError):
            importlib.import_module(f"encodings.{encoding.name}")
    for algorithm in hashlib.algorithms_guaranteed:
        hashlib.new(algorithm)
    mimetypes.init()
    # The first look at this attribute may set it, and the class is going to be immutable.
    string.Template.pattern  # noqa: B018
    time_zones.install()


def _refuse_methods(module: types.ModuleType, permitted: Module) -> None:
    """Replace the withheld methods of the classes of `module`."""
    for name in permitted.withheld:
        owner, _, method = name.partition(".")
        if method:
            setattr(getattr(module, owner), method, _refused(module.__name__, name))


def _public_copy(module: types.ModuleType, permitted: Module, real: frozenset[str]) -> types.ModuleType:
    """Return a copy of `module` with only those of its `real` names that a script sees."""
    name = module.__name__
    copy = (_Sys if module is sys else types.ModuleType)(name, module.__doc__)
    # dir() of a module without __all__ also lists what the module has imported.
    public = {*(getattr(module, "__all__", None) or dir(module)), *permitted.more}
    for key in public if permitted.granted is None else permitted.granted:
        value = getattr(module, key, None)
        if not (key.startswith("_") or permitted.refusal(key) or isinstance(value, types.ModuleType)):
            vars(copy)[key] = value

    def missing(key: str) -> NoReturn:
        message = _missing(name, key) if key in real else f"module {name!r} has no attribute {key!r}"
        raise AttributeError(message, name=key, obj=copy)

    vars(copy)["__getattr__"] = missing
    return copy


def _refused(module: str, name: str) -> Callable[..., NoReturn]:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise RuntimeError(_missing(module, name))

    return refuse


def _import_error(name: object, level: object) -> ImportError:
    """Return the error of an import that names no permitted module: the interpreter's own, or the reason."""
    if level:
        return ImportError("attempted relative import with no known parent package")
    module = name if type(name) is str else ""
    if module.partition(".")[0] not in sys.stdlib_module_names:
        return ModuleNotFoundError(f"No module named {module!r}", name=module)
    reason = reason_left_out(module)
    message = f"the restricted executor does not have the module {module}" + (f": {reason}" if reason else "")
    return ModuleNotFoundError(message, name=module)


def _missing(module: str, name: str) -> str:
    reason = PERMITTED[module].refusal(name)
    return f"the restricted executor does not have {module}.{name}" + (f": {reason}" if reason else "")
