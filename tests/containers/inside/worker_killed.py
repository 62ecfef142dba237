"""Kill a worker whose sandbox is ready, and wait until all its processes have ended.

This must be process 1 of a container: orphans become children of process 1, so it can wait for all of them.
"""

import contextlib
import os
import signal
import subprocess
import sys

_WORKER = """
import signal
from sandbox.restricted.sandbox import RestrictedSandbox
sandbox = RestrictedSandbox()
sandbox.dropped()
print("ready", flush=True)
signal.pause()
"""


def main() -> None:
    """Wait until the worker, its init and its runner have ended.

    SIGALRM ends this process after 20 seconds if one of them does not end.
    """
    assert os.getpid() == 1
    worker = subprocess.Popen([sys.executable, "-c", _WORKER], stdout=subprocess.PIPE)
    assert worker.stdout is not None
    worker.stdout.readline()
    # The kernel ignores the default action of a signal for process 1, so SIGALRM needs a handler.
    signal.signal(signal.SIGALRM, lambda *_: os._exit(1))
    signal.alarm(20)
    os.kill(worker.pid, signal.SIGKILL)
    # When a process ends, its children become children of this process before it is reaped. So ECHILD means
    # that all have ended. The init may have reaped its runner itself.
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()


if __name__ == "__main__":
    main()
