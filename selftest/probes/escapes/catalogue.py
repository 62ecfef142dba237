"""All escapes."""

from typing import Final

from selftest.probes.escapes import (
    builtins,
    classes,
    dataclasses,
    formats,
    frames,
    functions,
    imports,
    library_calls,
    module_internals,
    patterns,
)

PROBES: Final = (
    *builtins.PROBES,
    *classes.PROBES,
    *dataclasses.PROBES,
    *formats.PROBES,
    *frames.PROBES,
    *functions.PROBES,
    *imports.PROBES,
    *library_calls.PROBES,
    *module_internals.PROBES,
    *patterns.PROBES,
)
