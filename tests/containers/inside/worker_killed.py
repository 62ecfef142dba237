"""Kill a worker whose sandbox is ready, and wait until nothing of it is left.

For the first process of a container: whoever loses its parent becomes its child, so it can wait for all.
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
    """Wait until the worker, its init and its runner have ended. Dies by SIGALRM if one does not."""
    assert os.getpid() == 1
    worker = subprocess.Popen([sys.executable, "-c", _WORKER], stdout=subprocess.PIPE)
    assert worker.stdout is not None
    worker.stdout.readline()
    # A first process has no default actions; this one is to end it.
    signal.signal(signal.SIGALRM, lambda *_: os._exit(1))
    signal.alarm(20)
    os.kill(worker.pid, signal.SIGKILL)
    # Whoever has ended had left its children to this process before; the init may have reaped its runner.
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()


if __name__ == "__main__":
    main()
