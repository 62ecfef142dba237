"""The modules of the standard library that no jail has, each with the reason.

The root of the jails is made without them (`sandbox/jail/root.py`), and the rules name the reason.
"""

from collections.abc import Mapping
from typing import Final

_DISPLAY: Final = "it needs a display, and the sandbox has none"
_INSTALLS: Final = "it installs packages, and the sandbox has no network"
_TESTS: Final = "it holds the tests of Python itself"

LEFT_OUT: Final[Mapping[str, str]] = {
    "_tkinter": _DISPLAY,
    "ensurepip": _INSTALLS,
    "idlelib": _DISPLAY,
    "test": _TESTS,
    "tkinter": _DISPLAY,
    "turtle": _DISPLAY,
    "turtledemo": _DISPLAY,
}
