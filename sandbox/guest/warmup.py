"""Trial jobs, run in the zygote before its first fork.

The interpreter adapts code to what it does with it, by writing to it, and finds functions of other libraries
when they are first called. What was done here no fork does again: every page that it writes to is one copied.
"""

import linecache
import socket
import sys
from typing import Final

from sandbox.guest import report, runner
from sandbox.guest.channel import Channel
from sandbox.guest.confinement import Confinement

#: As often as the interpreter wants to see code before it is done with it.
_TIMES: Final = 20

_TRIAL: Final = "def main(a, b=2):\n    return {'a': [a, b, 'x', 1.5, None, True]}\n"


def warm_up(confinement: Confinement) -> None:
    """Do what a runner does with a job, but for what it gives up."""
    before = sys.modules["__main__"]
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        for _ in range(_TIMES):
            Channel(ours).send({"script": _TRIAL, "inputs": {"a": 1}})
            job = Channel(theirs).receive()
            Channel(ours).send(runner.run(job["script"], job["inputs"], confinement))
            Channel(theirs).receive()
    sys.modules["__main__"] = before
    del sys.modules[report.MODULE]
    linecache.clearcache()
