"""The build of the interpreter, which also runs the scripts."""

import platform
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from typing import Any, Final

from doctor.finding import Finding

_NAME: Final = "python"

_MEND: Final = "make clean install PYTHON=/usr/bin/python3  # or one built with --enable-optimizations alone"

#: The prefix of the distribution's interpreter. Distributions optimise it, but on Debian sysconfig describes
#: another build of the same package, without the optimisations.
_DISTRIBUTION: Final = "/usr"


def examine(variables: Mapping[str, Any] | None = None, prefix: str = sys.base_prefix) -> Iterator[Finding]:
    """Check how the interpreter was built.

    Args:
        variables: The variables of its build; None asks sysconfig.
        prefix: The folder in which it is installed.
    """
    build = sysconfig.get_config_vars() if variables is None else variables
    found = f"{platform.python_implementation()} {platform.python_version()}"
    faults = list(_faults(build, distribution=prefix == _DISTRIBUTION))
    if platform.python_implementation() != "CPython":
        yield Finding.failed(_NAME, f"{found}: the service needs CPython", _MEND)
    elif build.get("Py_GIL_DISABLED"):
        yield Finding.failed(_NAME, f"{found}, free-threaded: no sandbox supports it", _MEND)
    elif faults:
        yield Finding.warning(_NAME, f"{found}, {', '.join(faults)}", _MEND)
    else:
        yield Finding.ok(_NAME, f"{found}, built with optimisations")


def _faults(build: Mapping[str, Any], *, distribution: bool) -> Iterator[str]:
    arguments = str(build.get("CONFIG_ARGS") or "")
    flags = " ".join(str(build.get(name) or "") for name in ("PY_CORE_CFLAGS", "PY_CORE_LDFLAGS"))
    if build.get("Py_DEBUG"):
        yield "a debug build: scripts are several times slower"
    elif not (distribution or "--enable-optimizations" in arguments or "-fprofile-use" in flags):
        yield "built without --enable-optimizations: scripts are slower"
    if "--enable-experimental-jit" in arguments:
        yield "with the experimental JIT: the service is not tested with it"
