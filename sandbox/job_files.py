"""The contents of a job's files on their way to the runner: one file in memory, passed as a descriptor.

It counts as the worker's memory. The runner copies it into the working folder, where the bytes count as the
job's, and closes it before the script starts. It is sealed: not even the runner could change it.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterable, Iterator
from typing import Final

from jobs.files import File

_SEALS: Final = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE


@contextlib.contextmanager
def pack(files: Iterable[File]) -> Iterator[int]:
    """Yield a descriptor of a file with the contents of `files`, one after the other. Raises OSError."""
    packed = os.memfd_create("files", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        for file in files:
            rest = memoryview(file.content)
            while rest:
                rest = rest[os.write(packed, rest) :]
        fcntl.fcntl(packed, fcntl.F_ADD_SEALS, _SEALS)
        yield packed
    finally:
        os.close(packed)
