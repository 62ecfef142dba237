"""Read the artifacts of a job: the files in its working folder that its patterns name.

The script chose the names, links, kinds and permissions in the folder. But every process of the job has
ended, so nothing there changes any more. The folder comes from the runner as a descriptor, opened before the
script started. The descriptor keeps the folder and its memory until the worker closes it.

Each name is opened relative to the folder that contains it, and must not be a link. It is one component, and
os.scandir leaves out `..`, so no step can leave the folder. The opened entry must also be of the expected
kind and in the same file system. openat2 with RESOLVE_BENEATH would add nothing, needs Linux 5.6, and Python
does not offer it.

The cost has a bound in entries, depth, bytes and CPU time of the worker.
"""

import contextlib
import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from jobs.files import SCRIPT_PATH, Artifact, find_path_fault
from jobs.limits import ARTIFACTS, ARTIFACTS_BYTES, ARTIFACTS_LISTED, PATH_DEPTH, TMP_FILES
from jobs.patterns import Patterns

#: CPU seconds after which no further pattern is compiled and no further entry looked at. 4,096 entries take
#: less than a tenth of it. Only patterns that are expensive on purpose need more.
_CPU_SECONDS: Final = 1.0

#: O_NONBLOCK: opening a pipe without a writer would block.
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def collect(folder: int, patterns: Iterable[str]) -> tuple[tuple[Artifact, ...], bool]:
    """Return the artifacts, sorted by path, and whether there may be more that cannot be listed.

    Args:
        folder: The working folder of a job whose processes have all ended. The caller closes it.
        patterns: The patterns of the job.
    """
    walk = _Walk(os.fstat(folder).st_dev)
    walk.visit(folder, "", Patterns.of(walk.while_in_time(patterns)))
    return tuple(walk.artifacts), walk.truncated


class _Walk:
    """One walk through a working folder.

    Attributes:
        artifacts: The artifacts found so far.
        truncated: Whether an artifact is not listed, or a folder that may have one was not read.
    """

    def __init__(self, device: int) -> None:
        """Take the number of the folder's file system."""
        self._device = device
        self.artifacts: list[Artifact] = []
        self.truncated = False
        self._is_over = False
        self._entries_left = TMP_FILES
        self._files_left = ARTIFACTS
        self._bytes_left = ARTIFACTS_BYTES
        self._cpu_ends = time.thread_time() + _CPU_SECONDS

    def while_in_time(self, patterns: Iterable[str]) -> Iterator[str]:
        """Yield patterns as long as there is CPU time: a wide set in one takes 3 ms to compile."""
        for pattern in patterns:
            if not self._is_in_time():
                return
            yield pattern

    def visit(self, folder: int, prefix: str, patterns: Patterns, depth: int = 1) -> None:
        """Add the artifacts in an open folder.

        Args:
            folder: The folder.
            prefix: Its path with `/` at the end; empty for the working folder.
            patterns: What is left of the patterns there.
            depth: The number of parts that the path of a file in it has.
        """
        _allow(folder)
        for entry in self._list(folder):
            if not self._is_in_time():
                return
            rest = patterns.below(entry.name)
            if entry.is_dir(follow_symlinks=False) and rest.lead_on:
                self._visit_below(entry.name, folder, prefix, rest, depth)
            elif entry.is_file(follow_symlinks=False) and rest.match:
                self._add(entry.name, folder, prefix)

    def _list(self, folder: int) -> list[os.DirEntry[str]]:
        """Return the entries of a folder in the order of the paths of the files in and below it."""
        with os.scandir(folder) as entries:
            found = list(islice(entries, self._entries_left))
            if next(entries, None):
                self._stop()
        self._entries_left -= len(found)
        return sorted(found, key=lambda entry: entry.name + "/" * entry.is_dir(follow_symlinks=False))

    def _visit_below(self, name: str, folder: int, prefix: str, rest: Patterns, depth: int) -> None:
        if depth == PATH_DEPTH:
            self.truncated = True
            return
        with self._open(name, folder, stat.S_ISDIR) as below:
            if below is None:
                self.truncated = True
            else:
                self.visit(below, f"{prefix}{name}/", rest, depth + 1)

    def _add(self, name: str, folder: int, prefix: str) -> None:
        path = prefix + name
        if path == SCRIPT_PATH:
            return
        if find_path_fault(path):
            self.truncated = True
        elif len(self.artifacts) == ARTIFACTS_LISTED:
            self._stop()
        else:
            self.artifacts.append(self._read(path, name, folder))

    def _read(self, path: str, name: str, folder: int) -> Artifact:
        """Return an artifact with its bytes. It is dropped if it does not fit, or cannot be read."""
        size = os.stat(name, dir_fd=folder, follow_symlinks=False).st_size
        if size > self._bytes_left or not self._files_left:
            return Artifact(path, size, None)
        with self._open(name, folder, stat.S_ISREG) as file:
            if file is None:
                return Artifact(path, size, None)
            with open(file, "rb", closefd=False) as reader:
                content = reader.read(size)
        self._files_left -= 1
        self._bytes_left -= len(content)
        return Artifact(path, len(content), hashlib.sha256(content).hexdigest(), content)

    @contextlib.contextmanager
    def _open(self, name: str, folder: int, is_kind: Callable[[int], bool]) -> Iterator[int | None]:
        """Open an entry of a folder; yield None if it cannot be opened, or is of another kind."""
        try:
            opened = _open_entry(name, folder)
        except OSError:
            yield None
            return
        try:
            status = os.fstat(opened)
            is_expected = status.st_dev == self._device and is_kind(status.st_mode)
            yield opened if is_expected else None
        finally:
            os.close(opened)

    def _is_in_time(self) -> bool:
        """Return whether the walk goes on; stop it if its CPU time is used up."""
        if time.thread_time() > self._cpu_ends:
            self._stop()
        return not self._is_over

    def _stop(self) -> None:
        self._is_over = self.truncated = True


def _open_entry(name: str, folder: int) -> int:
    """Open an entry of a folder for reading. Raises OSError."""
    try:
        return os.open(name, _READ, dir_fd=folder)
    except PermissionError:
        entry = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    try:
        _allow(entry)
    finally:
        os.close(entry)
    return os.open(name, _READ, dir_fd=folder)


def _allow(entry: int) -> None:
    """Let a worker that is not root read an entry whose permissions the script took away.

    Root may read every file, and must never change a file by mistake. Any other worker owns the files of its
    jobs, because nsjail maps the jail's user to the worker's.
    """
    if os.geteuid():
        # Unlike fchmod, this also accepts a descriptor of O_PATH.
        with contextlib.suppress(OSError):
            Path(f"/proc/self/fd/{entry}").chmod(stat.S_IRWXU)
