"""The builtins that a restricted script does not get, each with the reason."""

from collections.abc import Mapping
from typing import Final

_INTERACTIVE: Final = "it is made for an interactive session"
_INTERNALS: Final = "it reads the interpreter's internals"

DENIED_BUILTINS: Final[Mapping[str, str]] = {
    "__import__": "an import statement must name the module",
    "__loader__": _INTERNALS,
    "__spec__": _INTERNALS,
    "breakpoint": "it starts a debugger",
    "copyright": _INTERACTIVE,
    "credits": _INTERACTIVE,
    "help": _INTERACTIVE,
    "license": _INTERACTIVE,
    "open": "no file can be opened",
}
