"""Warm-up: run sample jobs in the zygote before its first fork, and with packages also in each fork.

The interpreter specialises code as it runs, by writing to it, and the dynamic linker resolves a function at
its first call. The forks inherit this work. Without the warm-up each fork would repeat it, and the kernel
would have to copy each page that the fork writes to. The objects of packages lie on many pages. So a fork
with packages runs a sample too, while it waits for its job: the job finds these pages copied.
"""

import os
import socket
import sys
from typing import Any, Final

from sandbox.guest import runner
from sandbox.guest.channel import Channel
from sandbox.guest.confinement import Confinement
from sandbox.guest.report import FILE
from sandbox.guest.script import finalization

#: Enough runs for the interpreter to finish specialising the code.
_RUNS: Final = 20

#: The modules whose functions end a program.
_ENDING: Final = ("atexit", "threading")

_SCRIPT: Final = """
def main(a, b=2):
    return {'a': [a, b, 'x', 1.5, None, True]}

if __name__ == "__main__":
    main(1)
"""


def warm_up(confinement: Confinement) -> None:
    """Take every step of a runner, except dropping privileges."""
    for _ in range(_RUNS):
        _run(confinement, {"script": _SCRIPT, "inputs": {"a": 1}})


def run_sample(confinement: Confinement, program: str) -> None:
    """Take every step of a job with a program, in a runner that has no job yet."""
    _run(confinement, {"script": program, "mode": runner.PROGRAM})


def _run(confinement: Confinement, sample: dict[str, Any]) -> None:
    main_module = sys.modules["__main__"]
    # The callbacks that the library has registered are for the end of each job, and not for this one.
    ending = {name: sys.modules.pop(name) for name in _ENDING if name in sys.modules}
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        Channel(ours).send(sample | {"result_bytes": 1024})
        job = Channel(theirs).receive()
        confinement.place(job["script"])
        Channel(ours).send(runner.run(job, confinement))
        Channel(theirs).receive()
        finalization.finalize(has_imported=False)
        os.unlink(FILE)
        del sys.path[0]
    sys.modules.update(ending | {"__main__": main_module})
