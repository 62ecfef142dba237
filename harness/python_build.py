"""Print how the interpreter that runs this file was built: `python harness/python_build.py`.

The flags can be those of another build: Debian builds its interpreter twice, and records the flags of the
build with a shared library, while `/usr/bin/python3` is a static build with optimisations.
"""

import platform
import sysconfig
from pathlib import Path

#: Texts in the flags of the build that name an optimisation.
_SIGNS = {
    "profile-guided": ("--enable-optimizations", "-fprofile-use", "-fprofile-instr-use"),
    "link-time": ("--with-lto", "-flto"),
}


def describe_build() -> str:
    """Return the version, the compiler, how libpython is linked, and the optimisations, as one line."""
    names = ("CONFIG_ARGS", "PY_CFLAGS", "PY_CFLAGS_NODIST", "PY_LDFLAGS_NODIST", "OPT")
    flags = " ".join(str(sysconfig.get_config_var(name) or "") for name in names)
    shared = "/libpython" in Path("/proc/self/maps").read_text()
    found = [name for name, signs in _SIGNS.items() if any(sign in flags for sign in signs)]
    if found:
        optimised = f"{' and '.join(found)} optimisation"
    elif shared == bool(sysconfig.get_config_var("Py_ENABLE_SHARED")):
        optimised = "no profile-guided or link-time optimisation"
    else:
        optimised = "its optimisation is unknown, because its flags are those of another build"
    linked = "shared libpython" if shared else "static"
    version = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{version}, {platform.python_compiler()}, {linked}, {optimised}"


if __name__ == "__main__":
    print(describe_build())
