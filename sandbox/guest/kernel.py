"""System calls for namespaces and privileges that Python does not offer. All raise OSError."""

import _signal  # type: ignore[import-not-found]
import ctypes
import os
import resource
from collections.abc import Iterable
from typing import Any, Final

NEW_MOUNT: Final = 0x00020000
NEW_CGROUP: Final = 0x02000000
NEW_UTS: Final = 0x04000000
NEW_IPC: Final = 0x08000000
NEW_USER: Final = 0x10000000
NEW_PID: Final = 0x20000000
NEW_NET: Final = 0x40000000

#: With unshare(2): fails in a process that has threads.
THREAD: Final = 0x00010000

_HUGE_PAGE_BITS: Final = 21
_MADV_COLLAPSE: Final = 25
_MADV_DONTNEED: Final = 4

#: In the program header of a mapped library: a part of its file is mapped, and may be written to (man 5 elf).
_PT_LOAD: Final = 1
_PF_W: Final = 2

MS_PRIVATE: Final = 1 << 18
MS_REC: Final = 1 << 14
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8

_CAPABILITY_VERSION_3: Final = 0x20080522

_CLONE_VM, _CLONE_FS, _CLONE_FILES, _CLONE_PARENT = 0x100, 0x200, 0x400, 0x8000
_SLEEPER: Final = _CLONE_VM | _CLONE_FS | _CLONE_FILES | _signal.SIGCHLD
_KEEPER: Final = _CLONE_VM | _CLONE_FS | _CLONE_FILES | _CLONE_PARENT

_libc = ctypes.CDLL(None, use_errno=True)
_pause = ctypes.cast(_libc.pause, ctypes.c_void_p)

_STACK_BYTES: Final = 16 * 1024
_stack = ctypes.create_string_buffer(_STACK_BYTES)
_stack_top = ctypes.c_void_p((ctypes.addressof(_stack) + _STACK_BYTES) & ~15)

_capability_header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
_no_capabilities = (ctypes.c_uint32 * 6)()


class _Part(ctypes.Structure):
    """A program header, `Elf64_Phdr`."""

    _fields_ = [
        *(("kind", ctypes.c_uint32), ("flags", ctypes.c_uint32), ("offset", ctypes.c_uint64)),
        *(("address", ctypes.c_uint64), ("physical", ctypes.c_uint64), ("file_size", ctypes.c_uint64)),
        *(("size", ctypes.c_uint64), ("alignment", ctypes.c_uint64)),
    ]


class _Library(ctypes.Structure):
    """The first fields of `struct dl_phdr_info` (man 3 dl_iterate_phdr)."""

    _fields_ = [
        *(("base", ctypes.c_uint64), ("name", ctypes.c_char_p)),
        *(("parts", ctypes.POINTER(_Part)), ("number", ctypes.c_uint16)),
    ]


_VISIT_LIBRARY: Final = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(_Library), ctypes.c_size_t, ctypes.c_void_p
)


def _checked(answer: int, function: Any, _arguments: object) -> int:
    if answer == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{function.__name__}: {os.strerror(number)}")
    return answer


def _function(name: str, library: ctypes.CDLL = _libc) -> Any:
    """Return a function of the C library that returns -1 for an error."""
    function = getattr(library, name)
    function.errcheck = _checked
    return function


_ALL_SIGNALS: Final = _signal.valid_signals()

# Look the functions up before any fork. Otherwise every fork would repeat the lookup.
_unshare, _setns, _clone, _mount, _capset = map(_function, ("unshare", "setns", "clone", "mount", "capset"))

# PyDLL keeps the interpreter lock during the call. There is no other thread that could wait for it.
_fork = _function("fork", ctypes.PyDLL(None, use_errno=True))


def call(name: str, *arguments: Any) -> int:
    """Call a function of the C library that returns -1 for an error."""
    return int(_function(name)(*arguments))


def unshare(flags: int) -> None:
    """Leave namespaces for new ones."""
    _unshare(flags)


def enter_namespaces_of(pidfd: int, flags: int) -> None:
    """Enter the namespaces of the process behind `pidfd`."""
    _setns(pidfd, flags)


def fork() -> int:
    """Fork; return the child's pid, and 0 in the child.

    Unlike os.fork, it calls no hooks and does not reset locks that threads may have held. The zygote has no
    threads, and the kernel must copy each page that a process writes to after a fork.
    """
    return int(_fork())


def start_sleeper() -> int:
    """Start a process that shares the zygote's memory and sleeps; return its pid.

    The sleeper only calls pause(2). It shares the zygote's descriptor table, so it holds no descriptor that
    the zygote has closed. It must never receive a signal that has a handler here, because the handler would
    run in the zygote's memory.
    """
    # The sleeper keeps ignoring SIGCHLD, so the kernel reaps its children by itself (man 2 wait).
    # signal.signal would create enum members, and pages written here are copied at the next fork.
    _signal.signal(_signal.SIGCHLD, _signal.SIG_IGN)
    try:
        return int(_clone(_pause, _stack_top, _SLEEPER, None))
    finally:
        _signal.signal(_signal.SIGCHLD, _signal.SIG_DFL)


def start_keeper() -> None:
    """Start a process that shares this runner's memory and sleeps until it is killed.

    The last process that uses some memory frees it, and the last process in a mount namespace unmounts its
    file systems. The kernel does both before it reports the end of that process. With a keeper, that process
    is not the runner.

    It is a child of the runner's parent, so a script does not find it with wait(2). No signal but SIGKILL and
    SIGSTOP reaches it, because a handler would run in the runner's memory.
    """
    before = _signal.pthread_sigmask(_signal.SIG_BLOCK, _ALL_SIGNALS)
    # No other process uses this stack: the sleeper's is in the zygote's memory.
    _clone(_pause, _stack_top, _KEEPER, None)
    _signal.pthread_sigmask(_signal.SIG_SETMASK, before)


def make_mounts_private() -> None:
    """Stop mounts from propagating between this mount namespace and others."""
    _mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None)


def mount_tmp(options: bytes, flags: int = 0) -> None:
    """Mount an empty tmpfs over /tmp and make it the working folder."""
    _mount(b"tmpfs", b"/tmp", b"tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | flags, options)
    # A working folder in the old /tmp would stay in the old /tmp, which all jobs share.
    os.chdir("/tmp")  # noqa: S108


def collapse_pages(addresses: Iterable[int]) -> None:
    """Make huge pages of the memory around some addresses, where the kernel can (Linux 6.1).

    A fork copies an entry for each page of anonymous memory, and its end takes each of them back.
    """
    runs: list[list[int]] = []
    for number in sorted({address >> _HUGE_PAGE_BITS for address in addresses}):
        if runs and number <= runs[-1][1] + 1:
            runs[-1][1] = number + 1
        else:
            runs.append([number, number + 1])
    for first, end in runs:
        _collapse(first, end)


def _collapse(first: int, end: int) -> None:
    """Make huge pages from number `first` to before `end`.

    The kernel stops at the first that it cannot make. And each call first waits for every CPU
    (lru_add_drain_all in mm/khugepaged.c), so one call for each page would take longer.
    """
    start, size = ctypes.c_void_p(first << _HUGE_PAGE_BITS), (end - first) << _HUGE_PAGE_BITS
    if _libc.madvise(start, ctypes.c_size_t(size), _MADV_COLLAPSE) != 0 and end - first > 1:
        middle = (first + end) // 2
        _collapse(first, middle)
        _collapse(middle, end)


def unmap_library_pages() -> None:
    """Forget the pages of libraries that this process only reads. It maps them again when it needs them.

    At a memory limit the kernel kills the process with the most mapped pages. It counts these, although the
    limit of the jail does not contain them: the worker was charged for them.
    """
    page = resource.getpagesize()

    def unmap(library: Any, _size: int, _data: None) -> int:
        headers = library.contents
        for index in range(headers.number):
            part = headers.parts[index]
            if part.kind == _PT_LOAD and not part.flags & _PF_W:
                start = headers.base + part.address
                first = start & -page
                _libc.madvise(
                    ctypes.c_void_p(first), ctypes.c_size_t(start + part.size - first), _MADV_DONTNEED
                )
        return 0

    _libc.dl_iterate_phdr(_VISIT_LIBRARY(unmap), None)


def drop_capabilities() -> None:
    """Drop every capability. No later exec can restore one, because no-new-privileges is set."""
    _capset(_capability_header, _no_capabilities)
