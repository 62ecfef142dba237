"""Everything on one machine: `python-executor run`.

    run ─┬─ redis     outlives the others, so that a worker can still write its last outcome
         ├─ worker
         └─ api

The first to end takes the others with it. This process does nothing but wait, so it has next to nothing
imported: the command gives way to it once the settings are found good.
"""

import os
import signal
import sys
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from cli import commands
from cli.announce import announced
from cli.embedded import embedded_server
from cli.parts import Part, PartEnded, side_by_side, watch
from config.names import DISTRIBUTION


def main() -> int:
    """Run until a signal comes (then return 0) or a part ends (then return 1)."""
    host, port, keys = sys.argv[1:]
    # A signal unwinds the stack below, once: what it stops is killed soon enough.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)

    try:
        with ExitStack() as stack:
            # A part that has not ended some seconds after its signal is killed; a worker is not, if it does
            # not wait for its jobs.
            environment = {"SHUTDOWN_GRACE": "0", **os.environ, "PYTHONUNBUFFERED": "1"}
            parts: list[Part] = []
            if not os.environ.get("REDIS_URL"):
                # The prefix is short because the path of a socket may have only 107 bytes.
                folder = stack.enter_context(TemporaryDirectory(prefix="pyx-"))
                environment["REDIS_URL"], server = stack.enter_context(embedded_server(Path(folder)))
                parts.append(server)
            named = {"worker": commands.WORKER, "api": commands.API}
            starts = [partial(Part, name, command, environment) for name, command in named.items()]
            parts += stack.enter_context(side_by_side(starts))
            banner = announced(host, int(port), keys == commands.KEYS, partial(watch, parts))
            # Whoever read the output may have gone.
            with suppress(OSError):
                os.write(sys.stdout.fileno(), banner.encode())
            watch(parts)
    except PartEnded as ended:
        print(f"{DISTRIBUTION}: {ended}, so everything was stopped", file=sys.stderr)
    return 1


def _stop(*_: object) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.exit(0)


if __name__ == "__main__":
    sys.exit(main())
