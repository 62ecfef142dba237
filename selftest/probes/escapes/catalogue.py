"""All escapes."""

from typing import Final

from selftest.probes.escapes import (
    builtins,
    changes,
    classes,
    dataclasses,
    formats,
    frames,
    functions,
    imports,
    library_calls,
    module_internals,
    patterns,
    readers,
)

PROBES: Final = (
    *builtins.PROBES,
    *changes.PROBES,
    *classes.PROBES,
    *dataclasses.PROBES,
    *formats.PROBES,
    *frames.PROBES,
    *functions.PROBES,
    *imports.PROBES,
    *library_calls.PROBES,
    *module_internals.PROBES,
    *patterns.PROBES,
    *readers.PROBES,
)
