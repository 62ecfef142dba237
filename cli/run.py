"""Everything on one machine: what `python-executor run` becomes once it has checked the settings.

    run ─┬─ embedded   the server; outlives the parts, so that a worker can still write its last outcome
         └─ parts ─┬─ redis    ends when the embedded server does
                   ├─ worker
                   ├─ api
                   └─ ready    says when the others can be used

The first part to end takes the others with it.
"""

import os
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from cli.commands import ANNOUNCE, API, WORKER
from cli.embedded import embedded_server
from cli.parts import Parts
from config.names import DISTRIBUTION


def main() -> int:
    """Run until a signal comes (then return 0) or a part ends (then return 1)."""
    # Until the parts run, and take signals over, a signal unwinds the stack below.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))

    with ExitStack() as stack:
        # A part that has not ended some seconds after its signal is killed; a worker is not, if it does not
        # wait for its jobs.
        parts = Parts({"SHUTDOWN_GRACE": "0", **os.environ, "PYTHONUNBUFFERED": "1"})
        if not os.environ.get("REDIS_URL"):
            # The prefix is short because the path of a socket may have only 107 bytes.
            folder = stack.enter_context(TemporaryDirectory(prefix="pyx-"))
            server = stack.enter_context(embedded_server(Path(folder)))
            parts.environment["REDIS_URL"] = server.url
            parts.add("redis", server.watcher)
        parts.add("worker", WORKER)
        parts.add("api", API)
        parts.add("ready", ANNOUNCE)
        parts.loop()

    if parts.ended_first is not None:
        name, status = parts.ended_first
        print(f"{DISTRIBUTION}: {name} ended ({_said(status)}), so everything was stopped", file=sys.stderr)
        return 1
    return 0


def _said(status: int) -> str:
    return f"exit status {status}" if status >= 0 else signal.Signals(-status).name


if __name__ == "__main__":
    sys.exit(main())
