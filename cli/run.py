"""Everything on one machine: `python-executor run` becomes this program once it has checked the settings.

    run ─┬─ embedded server   stops last, so that a worker can still write its last outcome
         └─ supervisor ─┬─ redis    ends when the embedded server ends
                        ├─ worker
                        ├─ api
                        └─ banner   prints the address once the service is ready

When one process of the supervisor ends, all others are stopped.
"""

import os
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from cli.commands import API, BANNER, WORKER
from cli.embedded_server import embedded_server
from cli.supervisor import BANNER_NAME, Supervisor
from config.names import DISTRIBUTION


def main() -> int:
    """Run until a signal comes (return 0) or a process ends (return 1)."""
    # Until the supervisor's loop handles signals, a signal unwinds the stack below.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))

    with ExitStack() as stack:
        # The supervisor kills a process that has not ended 20 s after its SIGTERM. A worker that waits
        # for no job ends in time.
        supervisor = Supervisor({"SHUTDOWN_GRACE": "0", **os.environ, "PYTHONUNBUFFERED": "1"})
        if not os.environ.get("REDIS_URL"):
            # The prefix is short because the path of a Unix socket may have at most 107 bytes (unix(7)).
            folder = stack.enter_context(TemporaryDirectory(prefix="pyx-"))
            server = stack.enter_context(embedded_server(Path(folder)))
            supervisor.environment["REDIS_URL"] = server.url
            supervisor.add("redis", server.watcher)
        supervisor.add("worker", WORKER)
        supervisor.add("api", API)
        supervisor.add(BANNER_NAME, BANNER)
        supervisor.loop()

    if supervisor.first_exit is not None:
        name, status = supervisor.first_exit
        cause = f"{name} ended ({_describe(status)})"
        print(f"{DISTRIBUTION}: {cause}, so everything was stopped", file=sys.stderr)
        return 1
    return 0


def _describe(status: int) -> str:
    return f"exit status {status}" if status >= 0 else signal.Signals(-status).name


if __name__ == "__main__":
    sys.exit(main())
