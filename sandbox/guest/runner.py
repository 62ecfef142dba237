"""Runs one script: waits for it, locks itself down, calls `main`, reports, ends at once."""

from __future__ import annotations

import _socket
import posix
import sys

from sandbox.guest import report
from sandbox.guest.channel import Channel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final, NoReturn

    from sandbox.guest.confinement import Confinement

#: Said by a runner that waits, and by one that is about to run the script's first byte: what
#: goes wrong before that is ours, and a script cannot claim the contrary later.
READY: Final = "ready"
STARTED: Final = "started"

#: As types has them, which is one more module to import.
_Module: Final = type(sys)


async def _nothing() -> None:
    """Be a coroutine."""


_coroutine = _nothing()
_Coroutine: Final = type(_coroutine)
_coroutine.close()


def main(job_fd: int, confinement: Confinement) -> NoReturn:
    """Run the job that arrives on descriptor `job_fd`. Never returns and never raises."""
    wait(_socket.socket(fileno=job_fd), confinement)


def wait(sock: _socket.socket, confinement: Confinement) -> NoReturn:
    """Run the job that arrives over `sock`. Never returns and never raises."""
    channel = Channel(sock)
    given_up = confinement.enter()
    channel.send({READY: given_up})
    try:
        job = channel.receive()
    except EOFError:
        posix._exit(0)
    answer = Channel(sock, job["tag"].encode())
    confinement.limit(job["limits"])
    answer.send(STARTED)
    _conclude(answer, job, confinement)


def _conclude(answer: Channel, job: dict[str, Any], confinement: Confinement) -> NoReturn:
    """Run the script, report, and end. Whatever the script left of the interpreter, this is the end."""
    # Held here, because a script may replace what the module holds.
    leave, pid, own_pid = posix._exit, posix.getpid, posix.getpid()
    try:
        ended = run(job["script"], job["inputs"], confinement)
        for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
            _flush(stream)
        if pid() == own_pid:
            answer.send(ended)
        # Otherwise a child that the script forked came back through main: its word is not the job's.
    except:  # noqa: E722 -- the name of every exception may be gone, and so may the socket
        leave(1)
    # Not sys.exit: surviving threads, atexit handlers and finalisers are not waited for.
    leave(0)


def _flush(stream: Any) -> None:
    try:
        stream.flush()
    except BaseException:
        # The script may have closed or replaced it with anything.
        return


def run(script: str, inputs: dict[str, Any], confinement: Confinement) -> report.Report:
    """Run a script; return what became of it."""
    module = _Module(report.MODULE)
    module.__dict__["__file__"] = report.SCRIPT
    sys.modules[report.MODULE] = sys.modules["__main__"] = module
    report.remember_source(module.__dict__, script)
    try:
        code = confinement.compile(script, report.SCRIPT)
        module.__dict__.update(confinement.names())
        exec(code, module.__dict__)  # noqa: S102
        call = module.__dict__.get("main")
        if not callable(call):
            return report.main_not_callable(call)
        result = call(**inputs)
        if isinstance(result, _Coroutine):
            result = confinement.complete(result)
        return report.of_result(result)
    except SystemExit as stop:
        return report.of_exit(stop)
    except BaseException as error:
        return report.of_exception(error)
