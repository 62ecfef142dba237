"""What differs between the versions of Python that the guest runs in."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_VERSION, _MICRO = sys.version_info[:2], sys.version_info[:3]

#: The interpreter reports to a profiler a call at the instruction RESUME, and each return.
PAIRS_CALLS_AT_RESUME: Final = _VERSION < (3, 12)

#: The interpreter keeps an uncaught exception in sys.last_exc.
KEEPS_LAST_EXCEPTION: Final = _VERSION >= (3, 12)

#: `f_locals` of a function's frame is a proxy; what is written to it changes the variables (PEP 667).
FRAME_LOCALS_ARE_PROXIES: Final = _VERSION >= (3, 13)

#: The interpreter makes `__annotations__` before a script has an annotation (until PEP 649).
MAKES_ANNOTATIONS: Final = _VERSION < (3, 14)

#: What `credits` prints.
CREDITS: Final = (
    """\
    Thanks to CWI, CNRI, BeOpen.com, Zope Corporation and a cast of thousands
    for supporting Python development.  See www.python.org for more information."""
    if _MICRO < (3, 12, 8) or _MICRO == (3, 13, 0)
    else """\
Thanks to CWI, CNRI, BeOpen, Zope Corporation, the Python Software
Foundation, and a cast of thousands for supporting Python
development.  See www.python.org for more information."""
)
