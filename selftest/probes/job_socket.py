"""The job's socket, over which the runner reports: a script that misuses it harms only its own job."""

# A script may have long lines.
# ruff: noqa: E501

from functools import partial
from typing import Final

from jobs.limits import Limits
from jobs.outcome import ErrorType
from selftest.checks import all_of, each, ends_within, fails, in_order, returns
from selftest.probe import Probe, job
from selftest.probes.scripts import forge_job

_probe = partial(Probe, "job-socket")

#: Makes socket pairs that are open only in their own unread SCM_RIGHTS messages. The messages also hold the
#: output pipes. The kernel frees such a cycle when its garbage collector next runs, and not when the last process
#: ends.
_CYCLE: Final = """
import socket, struct

def make_cycles():
    for _ in range(20):
        one, other = socket.socketpair()
        fds = struct.pack("5i", 1, 2, 3, one.fileno(), other.fileno())
        one.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
"""

PROBES: Final = (
    _probe(
        "untagged-frames-are-ignored",
        "write frames without the tag to all descriptors",
        "the real result",
        (
            job("""
                import os
                FORGED = [b'{"kind": "result", "result": {"forged": 1}}', b'.{"kind": "exit", "message": ""}', b"+", b"."]
                def main():
                    for fd in range(256):
                        for frame in FORGED:
                            try:
                                os.write(fd, frame)
                            except OSError:
                                pass
                    return {"real": True}
                """),
        ),
        returns({"real": True}),
    ),
    _probe(
        "endless-report-is-cut-off",
        "send pieces of a report for ever, large and of one byte",
        "exit: the worker closes the socket",
        (
            forge_job(
                """
                def main():
                    c = channel()
                    for _ in range(33):
                        c.sock.send(c._tag + b"+" + b"x" * 32768)
                    while True:
                        c.sock.send(c._tag + b"+x")
                """,
            ),
        ),
        all_of(fails(ErrorType.EXIT), ends_within(2500)),
    ),
    _probe(
        "endless-untagged-packets-time-out",
        "report a result, then send untagged packets for ever",
        "timeout",
        (
            forge_job(
                """
                def main():
                    forge({"kind": "result", "result": {}})
                    while True:
                        channel().sock.send(b"rubbish")
                """,
                limits=Limits(timeout=0.5),
            ),
        ),
        all_of(fails(ErrorType.TIMEOUT), ends_within(2500)),
    ),
    _probe(
        "closing-the-job-socket-loses-only-the-report",
        "send an empty packet; shut the socket down; close it",
        "the result; exit; exit",
        (
            job(
                "import os\ndef main():\n    os.write(3, b'')\n    import socket\n    socket.socket(fileno=os.dup(3)).send(b'')\n    return {}"
            ),
            job(
                "import os, socket\ndef main():\n    socket.socket(fileno=os.dup(3)).shutdown(1)\n    return {}"
            ),
            job("import os\ndef main():\n    os.closerange(0, 256)\n    return {}"),
        ),
        in_order(returns({}), fails(ErrorType.EXIT), fails(ErrorType.EXIT)),
    ),
    _probe(
        "descriptors-sent-to-the-worker-do-not-delay-the-result",
        "send the worker the output descriptors by SCM_RIGHTS",
        "the result within 2.5 s",
        (
            job("""
                import os, socket, struct
                def main():
                    sock = socket.socket(fileno=os.dup(3))
                    for _ in range(50):
                        sock.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("4i", 0, 1, 2, 3))])
                    return {"sent": True}
                """),
            job("""
                import os, socket, struct
                def main():
                    sock = socket.socket(fileno=os.dup(3))
                    sock.send(b"")
                    sock.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("3i", 1, 2, 3))])
                    return {"sent": True}
                """),
        ),
        each(all_of(returns({"sent": True}), ends_within(2500))),
    ),
    _probe(
        "in-flight-descriptors-do-not-delay-the-outcome",
        "send the outputs into pairs that hold only themselves",
        "the result, timeout; each within 2.5 s",
        (
            job(_CYCLE + "\ndef main():\n    make_cycles()\n    return {'made': True}"),
            job(
                _CYCLE + "\ndef main():\n    make_cycles()\n    while True: pass", limits=Limits(timeout=0.4)
            ),
        ),
        in_order(
            all_of(returns({"made": True}), ends_within(2500)),
            all_of(fails(ErrorType.TIMEOUT), ends_within(2500)),
        ),
    ),
    _probe(
        "control-socket-is-unreachable",
        "look for it among all objects and descriptors",
        "ENOTSOCK (it is stdin); no other socket",
        (
            job("""
                import errno, gc, os, socket, stat
                def main():
                    gc.unfreeze()
                    objects = [thing for thing in gc.get_objects() if isinstance(thing, socket.socket)]
                    found = {0, *(thing.fileno() for thing in objects)} - {3}
                    def send(fd):
                        try:
                            control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET, fileno=fd)
                            control.send(b'.{"status": 0, "cpu": 0}')
                        except OSError as error:
                            return errno.errorcode[error.errno]
                        return "sent"
                    def is_socket(fd):
                        try:
                            return stat.S_ISSOCK(os.fstat(fd).st_mode)
                        except OSError:
                            return False
                    sent = [send(fd) for fd in found]
                    return {"sent": sorted(set(sent)), "sockets": [fd for fd in range(4096) if is_socket(fd)]}
                """),
        ),
        returns({"sent": ["ENOTSOCK"], "sockets": [3]}),
    ),
)
