"""The packages of an environment: preload modules in a zygote.

A preloaded module lives on in every fork. A thread of it does not, and a fork would wait for ever for a lock
that the thread holds. Neither does a descriptor, which every runner closes. So a zygote whose modules leave
one of them does not start, and the worker does not offer the environment.
"""

import errno
import gc
import importlib
import os
import resource
import shutil
import threading
from collections.abc import Sequence
from typing import Final

from sandbox.guest import kernel
from sandbox.guest.fork_hooks import ForkHooks
from sandbox.guest.package_warmup import warm_up

#: Seconds that a thread of a preloaded module may take to end, for example a timer that was cancelled.
_THREAD_TIMEOUT: Final = 5.0

#: Bytes of objects for which arenas are taken before the imports: more than well-known packages need.
_ARENA_BYTES: Final = 75 * 1024 * 1024

#: The size of each object in bytes. One of so many is kept: an arena of 1 MB holds about 2,300 of them
#: (Objects/obmalloc.c), so each arena keeps at least one.
_OBJECT_BYTES: Final = 400
_OBJECTS_KEPT: Final = 2000

_TMP: Final = "/tmp"  # noqa: S108


def preload(modules: Sequence[str]) -> ForkHooks:
    """Import the modules of packages, do what they put off until their first use, and make forks cheap.

    Returns:
        The hooks of the packages. A zygote must fork with them.

    Raises:
        SystemExit: With the reason, if a module cannot be imported or leaves a thread or a descriptor.
    """
    before = _open_descriptors()
    arenas = _take_arenas()
    # Collections during the imports would look at every object again and again, and find nothing.
    gc.disable()
    hooks = ForkHooks()
    with hooks.noted():
        for name in modules:
            try:
                importlib.import_module(name)
            except BaseException as error:
                raise SystemExit(
                    f"{name} cannot be preloaded, so take it out of PRELOAD: {type(error).__name__}: {error}"
                ) from None
        warm_up()
    _check_threads()
    if left := _open_descriptors() - before:
        raise SystemExit(f"preloaded modules leave {len(left)} descriptors open: take them out of PRELOAD")
    for entry in os.scandir(_TMP):
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path)
        else:
            os.unlink(entry.path)
    gc.enable()
    arenas.clear()
    gc.collect()
    kernel.collapse_pages(map(id, gc.get_objects()))
    kernel.unmap_library_pages()
    return hooks


def _take_arenas() -> list[bytes]:
    """Make the interpreter take the arenas for its objects now; return one object in each, which keeps it.

    Arenas that are taken during the imports lie between libraries, and the kernel cannot make huge pages of
    them. The interpreter returns those that stay empty.
    """
    number = _ARENA_BYTES // _OBJECT_BYTES
    # A list that grew would move, and leave gaps.
    objects = [b""] * number
    for index in range(number):
        objects[index] = bytes(_OBJECT_BYTES)
    return objects[::_OBJECTS_KEPT]


def _check_threads() -> None:
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join(_THREAD_TIMEOUT)
    try:
        # It does nothing, but fails in a process with threads, of libraries in C too (man 2 unshare).
        kernel.unshare(kernel.THREAD)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        raise SystemExit("preloaded modules leave a thread running: take them out of PRELOAD") from None


def _open_descriptors() -> set[int]:
    found = set()
    for fd in range(resource.getrlimit(resource.RLIMIT_NOFILE)[0]):
        try:
            os.fstat(fd)
        except OSError:
            continue
        found.add(fd)
    return found
