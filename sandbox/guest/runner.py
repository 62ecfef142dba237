"""Run one script: wait for the job, confine the process, call `main`, end the script, report the result."""

from __future__ import annotations

import _socket
import posix
import sys

from sandbox.guest import folder, jsontext, report
from sandbox.guest.channel import Channel
from sandbox.guest.script import uncaught
from sandbox.guest.script.finalization import finalize
from sandbox.guest.versions import MAKES_ANNOTATIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final, NoReturn

    from sandbox.guest.confinement import Confinement

#: The messages of a runner: it waits for its job; it is about to start the script. A fault before STARTED is
#: the sandbox's, and a script cannot change that later.
READY: Final = "ready"
STARTED: Final = "started"

#: The message with which the worker sends the contents of the job's files.
FILES: Final = "files"

#: A program has no `main` that the service calls: it runs from top to bottom.
PROGRAM: Final = "program"

#: A UTF-8 byte order mark, which many editors write at the start of a file. The interpreter skips it.
_MARK: Final = "\ufeff"

#: Taken before a script could change it.
_getpid: Final = posix.getpid
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
    if "files" in job:
        folder.fill(job["files"], channel.receive_descriptor())
    confinement.place(job["script"])
    if "artifacts" in job:
        opened = folder.open_for_worker()
        answer.send_with(opened, STARTED)
        posix.close(opened)
    else:
        answer.send(STARTED)
    _run_and_exit(answer, job, confinement)


def _run_and_exit(answer: Channel, job: dict[str, Any], confinement: Confinement) -> NoReturn:
    """Run the script, send the report and exit, whatever state the script leaves the interpreter in."""
    # Keep references: the script may replace the attributes of the module.
    leave, own_pid, modules, status = posix._exit, _getpid(), len(sys.modules), 1
    try:
        outcome = run(job, confinement)
        # Encode it now: threads and finalizers of the script may change its result.
        encoded = jsontext.encode(outcome).encode("utf-8", "surrogatepass")
        status = report.exit_status(outcome)
        finalize(has_imported=len(sys.modules) != modules)
        # A child that the script forked and that returned from main must not report.
        if _getpid() == own_pid:
            answer.send_json(encoded)
            status = 0
    except:  # noqa: E722 -- the script may have deleted every exception's name, or closed the socket
        leave(status)
    # Not sys.exit, which would also free what the sandbox holds.
    leave(status)


def run(job: dict[str, Any], confinement: Confinement) -> report.Report:
    """Run the script of `job`; return the report."""
    own_pid, own_hook = _getpid(), uncaught.hook()
    program, script = job.get("mode") == PROGRAM, job["script"].removeprefix(_MARK)
    try:
        return _execute(script, job, confinement, program)
    except BaseException as error:
        fault = error
    # Not in the block above: the script's own hook finds nothing in sys.exc_info.
    is_alone = program or _getpid() != own_pid
    if issubclass(type(fault), SystemExit):
        if is_alone:
            uncaught.show_exit(fault)
        return report.of_exit(fault)
    outcome = report.of_exception(fault, script)
    # The report tells what the interpreter's own hook would print.
    exits = uncaught.show(fault) if is_alone or uncaught.hook() is not own_hook else None
    return report.of_exit(exits) if exits else outcome


def _execute(script: str, job: dict[str, Any], confinement: Confinement, program: bool) -> report.Report:
    """Run a script in a new module `__main__`; return the report. Raises what the script raises."""
    sys.argv[1:] = sys.orig_argv[2:] = job.get("argv", ())
    module = sys.modules["__main__"] = _Module("__main__")
    if MAKES_ANNOTATIONS:
        module.__dict__.update(__annotations__={})
    # In the interpreter's order, for scripts that show their globals.
    module.__dict__.update(confinement.names())
    module.__dict__.update(__file__=report.FILE, __cached__=None)
    code = confinement.compile(script, report.SCRIPT, skips_main_block=not program)
    _exec(code, module.__dict__)
    if program:
        return report.of_end()
    call = module.__dict__.get("main")
    if not callable(call):
        return report.main_not_callable(call)
    result = call(**job["inputs"])
    if isinstance(result, _Coroutine):
        result = confinement.complete(result)
    return report.of_result(result, job["result_bytes"])
