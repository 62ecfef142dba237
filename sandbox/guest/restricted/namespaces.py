"""The owner of a Python namespace (the globals of a function or a frame): a script or the library.

The `__builtins__` of a namespace decide. A script cannot put its own into a namespace of the library, because
it never sees one.
"""

import builtins
from collections.abc import Callable
from typing import Any, Final

#: The builtins of the library's modules: the interpreter stores the dict or the module.
_LIBRARY: Final = (vars(builtins), builtins)

#: Taken before a script could change anything.
_get: Final = dict.get


class Namespaces:
    """Tells namespaces apart. All attributes are functions without state that a script could change."""

    owns: Callable[[Any], bool]
    is_library: Callable[[Any], bool]

    def __init__(self, script_builtins: dict[str, Any]) -> None:
        """Recognise scripts by their builtins, of which there is one dict in a process."""
        get, (names, module) = _get, _LIBRARY

        def owns(namespace: Any) -> bool:
            return get(namespace, "__builtins__") is script_builtins

        def is_library(namespace: Any) -> bool:
            found = get(namespace, "__builtins__")
            return found is names or found is module

        self.owns, self.is_library = owns, is_library
