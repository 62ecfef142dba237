"""A child process for a test."""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO

from tests.support.checkout import ROOT

#: Seconds that the process may take to end after SIGTERM.
_STOP_TIMEOUT = 20


@contextmanager
def running(
    command: Sequence[str], environment: Mapping[str, str], output: IO[bytes]
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command in the checkout until the context ends.

    Raises:
        subprocess.TimeoutExpired: The process did not end after SIGTERM; it was killed.
    """
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=output, stderr=output)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
