"""Runs one script: waits for it, locks itself down, calls `main`, reports, ends at once."""

import os
import socket
import sys
import types
from typing import Any, Final, NoReturn

from sandbox.guest import report
from sandbox.guest.channel import Channel
from sandbox.guest.confinement import Confinement

#: Said by a runner that waits, and by one that is about to run the script's first byte: what
#: goes wrong before that is ours, and a script cannot claim the contrary later.
READY: Final = "ready"
STARTED: Final = "started"


def main(job_fd: int, confinement: Confinement) -> NoReturn:
    """Run the job that arrives on descriptor `job_fd`. Never returns and never raises."""
    wait(socket.socket(fileno=job_fd), confinement)


def wait(sock: socket.socket, confinement: Confinement) -> NoReturn:
    """Run the job that arrives over `sock`. Never returns and never raises."""
    channel = Channel(sock)
    given_up = confinement.enter()
    channel.send({READY: given_up})
    try:
        job = channel.receive()
    except EOFError:
        os._exit(0)
    answer = Channel(sock, job["tag"].encode())
    confinement.limit(job["limits"])
    answer.send(STARTED)
    _conclude(answer, job, confinement)


def _conclude(answer: Channel, job: dict[str, Any], confinement: Confinement) -> NoReturn:
    """Run the script, report, and end. Whatever the script left of the interpreter, this is the end."""
    # Held here, because a script may replace what the module holds.
    leave, pid, own_pid = os._exit, os.getpid, os.getpid()
    try:
        ended = run(job["script"], job["inputs"], confinement)
        for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
            # The script may have closed or replaced them with anything.
            try:  # noqa: SIM105 -- what writes to fewer pages
                stream.flush()  # type: ignore[union-attr]
            except BaseException:  # noqa: S110
                pass
        if pid() == own_pid:
            answer.send(ended)
        # Otherwise a child that the script forked came back through main: its word is not the job's.
    except:  # noqa: E722 -- the name of every exception may be gone, and so may the socket
        leave(1)
    # Not sys.exit: surviving threads, atexit handlers and finalisers are not waited for.
    leave(0)


def run(script: str, inputs: dict[str, Any], confinement: Confinement) -> report.Report:
    """Run a script; return what became of it."""
    module = types.ModuleType(report.MODULE)
    module.__dict__["__file__"] = report.SCRIPT
    sys.modules[report.MODULE] = sys.modules["__main__"] = module
    report.remember_source(script)
    try:
        code = confinement.compile(script, report.SCRIPT)
        module.__dict__.update(confinement.names())
        exec(code, module.__dict__)  # noqa: S102
        call = module.__dict__.get("main")
        if not callable(call):
            return report.main_not_callable(call)
        result = call(**inputs)
        if isinstance(result, types.CoroutineType):
            result = confinement.complete(result)
        return report.of_result(result)
    except SystemExit as stop:
        return report.of_exit(stop)
    except BaseException as error:
        return report.of_exception(error)
