"""Everything on one machine: `python-executor run`.

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
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from cli.embedded import embedded_server
from cli.parts import Parts
from config.names import DISTRIBUTION


def run_all(*, api: Sequence[str], worker: Sequence[str]) -> int:
    """Run until a signal comes (then return 0) or a part ends (then return 1).

    api, worker: the commands of these parts.
    """
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
        parts.add("worker", worker)
        parts.add("api", api)
        parts.add("ready", (sys.executable, "-P", "-m", "cli.announce"))
        parts.loop()

    if parts.ended_first is not None:
        name, status = parts.ended_first
        print(f"{DISTRIBUTION}: {name} ended ({_said(status)}), so everything was stopped", file=sys.stderr)
        return 1
    return 0


def _said(status: int) -> str:
    return f"exit status {status}" if status >= 0 else signal.Signals(-status).name
