"""Warm-up: run sample jobs before a script comes.

The interpreter specialises code as it runs, by writing to it, and the dynamic linker resolves a function at
its first call.

    slot    the zygote runs samples before its first fork, and the forks inherit this work. Otherwise each
            would repeat it, and the kernel would have to copy each page that it writes to. The objects of
            packages lie on many pages, so a fork with packages runs a sample too: the job finds these pages
            copied
    fresh   each runner runs one sample while it waits for its job: no runner before it could have done so
"""

from __future__ import annotations

# C modules instead of the library modules that wrap them: a fresh jail pays for each import with each job.
import _socket
import posix
import sys

from sandbox.guest import runner
from sandbox.guest.channel import Channel
from sandbox.guest.report import FILE
from sandbox.guest.script import finalization

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from sandbox.guest.confinement import Confinement

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

#: Without a main block: to skip one, the guest parses the script, and most jobs have none.
_SMALL_SCRIPT: Final = """
def main():
    return {'ok': True}
"""


def warm_up(confinement: Confinement) -> None:
    """Take every step of a runner, except dropping privileges."""
    for _ in range(_RUNS):
        _run(confinement, {"script": _SCRIPT, "inputs": {"a": 1}})


def run_small_sample(confinement: Confinement) -> None:
    """Take every step of a small job, in the runner of a fresh jail, which has no job yet."""
    _run(confinement, {"script": _SMALL_SCRIPT, "inputs": {}})


def run_sample(confinement: Confinement, program: str) -> None:
    """Take every step of a job with a program, in a runner that has no job yet."""
    _run(confinement, {"script": program, "mode": runner.PROGRAM})


def _run(confinement: Confinement, sample: dict[str, Any]) -> None:
    main_module = sys.modules["__main__"]
    # The callbacks that the library has registered are for the end of each job, and not for this one.
    ending = {name: sys.modules.pop(name) for name in _ENDING if name in sys.modules}
    ours, theirs = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
    try:
        Channel(ours).send(sample | {"result_bytes": 1024})
        job = Channel(theirs).receive()
        confinement.place(job["script"])
        Channel(ours).send(runner.run(job, confinement))
        Channel(theirs).receive()
        finalization.finalize(has_imported=False)
        posix.unlink(FILE)
        del sys.path[0]
    finally:
        ours.close()
        theirs.close()
    sys.modules.update(ending | {"__main__": main_module})
