"""The entry points of a jail. The programs of sandbox/jail/program.py call them.

Each function has its own imports, because the other function does not need them.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


#: The variable that makes the dynamic linker resolve all functions at the start (man 8 ld.so), for a slot.
#: Otherwise each runner would resolve those that it is the first to call, and write to more pages.
BIND_NOW = "LD_BIND_NOW"


def fresh(packages: str = "") -> NoReturn:
    """Serve one job in a fresh jail. The job waits for every import here.

    Args:
        packages: The folder of packages, '' if there are none.
    """
    _install()
    _find_in(packages)
    from sandbox.guest.init import serve
    from sandbox.guest.jailed import Jailed

    serve(Jailed(), once=True)


def slot(tmp_options: str, packages: str = "", *modules: str) -> NoReturn:
    """Serve many jobs in a slot, each in its own namespaces.

    Args:
        tmp_options: The mount options of each job's /tmp.
        packages: The folder of packages, '' if there are none.
        modules: The modules of packages to preload.
    """
    import posix

    # It is for this process, and not for the programs of scripts. `os` must be imported after _install, whose
    # functions it takes.
    del posix.environ[BIND_NOW.encode()]
    posix.unsetenv(BIND_NOW)
    _install()
    _find_in(packages)
    # Import the modules for scripts before most of the guest's. The objects of the guest's modules then lie
    # close together in memory, and a runner writes to fewer pages.
    from sandbox.guest import preload

    preload.preload()
    from sandbox.guest import zygote
    from sandbox.guest.kernel import fork

    sample = ""
    if modules:
        from sandbox.guest import package_samples
        from sandbox.guest import packages as preloaded

        fork = preloaded.preload(modules).fork
        sample = package_samples.sample()
    zygote.serve(tmp_options.encode(), fork, sample)


def _find_in(packages: str) -> None:
    """Let scripts import the packages in a folder, after the standard library."""
    if packages:
        import sys

        sys.path.append(packages)


def _install() -> None:
    """Give the interpreter the builtins and streams of a script. Modules imported later take them too."""
    from sandbox.guest.script import descriptor_paths, site_builtins, streams

    for part in (site_builtins, streams, descriptor_paths):
        part.install()
