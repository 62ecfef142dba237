"""Run one script: wait for the job, confine the process, call `main`, report the result, exit at once."""

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

#: The messages of a runner: it waits for its job; it is about to start the script. A fault before STARTED is
#: the sandbox's, and a script cannot change that later.
READY: Final = "ready"
STARTED: Final = "started"

#: The interpreter's own. The restricted executor replaces the builtin.
_exec: Final = exec

#: The same as types.ModuleType, without importing types.
_Module: Final = type(sys)


async def _empty() -> None:
    """Do nothing."""


_coroutine = _empty()
_Coroutine: Final = type(_coroutine)
_coroutine.close()


def main(job_fd: int, confinement: Confinement) -> NoReturn:
    """Run the job that arrives on descriptor `job_fd`. Never returns and never raises."""
    serve_job(_socket.socket(fileno=job_fd), confinement)


def serve_job(sock: _socket.socket, confinement: Confinement) -> NoReturn:
    """Run the job that arrives over `sock`. Never returns and never raises."""
    channel = Channel(sock)
    dropped = confinement.enter()
    channel.send({READY: dropped})
    try:
        job = channel.receive()
    except EOFError:
        posix._exit(0)
    answer = Channel(sock, job["tag"].encode())
    confinement.limit(job["limits"])
    answer.send(STARTED)
    _run_and_exit(answer, job, confinement)


def _run_and_exit(answer: Channel, job: dict[str, Any], confinement: Confinement) -> NoReturn:
    """Run the script, send the report and exit, whatever state the script leaves the interpreter in."""
    # Keep references: the script may replace the attributes of the module.
    leave, pid, own_pid = posix._exit, posix.getpid, posix.getpid()
    try:
        outcome = run(job, confinement)
        for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
            _flush(stream)
        if pid() == own_pid:
            answer.send(outcome)
        # Otherwise this is a child that the script forked and that returned from main: it must not report.
    except:  # noqa: E722 -- the script may have deleted every exception's name, or closed the socket
        leave(1)
    # Not sys.exit, which would wait for threads, atexit handlers and finalisers.
    leave(0)


def _flush(stream: Any) -> None:
    try:
        stream.flush()
    except BaseException:
        # The script may have closed the stream or replaced it by any object.
        return


def run(job: dict[str, Any], confinement: Confinement) -> report.Report:
    """Run the script of `job`; return the report."""
    script = job["script"]
    module = _Module(report.MODULE)
    module.__dict__["__file__"] = report.SCRIPT
    sys.modules[report.MODULE] = sys.modules["__main__"] = module
    report.remember_source(module.__dict__, script)
    try:
        code = confinement.compile(script, report.SCRIPT)
        module.__dict__.update(confinement.names())
        _exec(code, module.__dict__)
        call = module.__dict__.get("main")
        if not callable(call):
            return report.main_not_callable(call)
        result = call(**job["inputs"])
        if isinstance(result, _Coroutine):
            result = confinement.complete(result)
        return report.of_result(result, job["result_bytes"])
    except SystemExit as stop:
        return report.of_exit(stop)
    except BaseException as error:
        return report.of_exception(error)
