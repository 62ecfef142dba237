"""Unix sockets: those of a job work among its own processes and threads, and reach nothing else."""

import contextlib
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from jobs.job import Job
from jobs.limits import Limits
from sandbox.errors import SandboxFailure
from sandbox.isolation import Isolation
from sandbox.jail.sandbox import NsjailSandbox
from tests.support.jail import nsjail_sandbox
from tests.support.scripts import run_script
from tests.support.wait import eventually

_KINDS = {
    "stream": socket.SOCK_STREAM,
    "datagram": socket.SOCK_DGRAM,
    "packets": socket.SOCK_SEQPACKET,
}


@pytest.fixture
def host_sockets() -> Iterator[dict[str, str]]:
    """Bind a socket of each kind to an abstract name of the worker's network namespace; return the names."""
    sockets = {kind: socket.socket(socket.AF_UNIX, number) for kind, number in _KINDS.items()}
    try:
        for kind, sock in sockets.items():
            sock.bind("")
            if kind != "datagram":
                sock.listen()
        yield {kind: sock.getsockname().decode() for kind, sock in sockets.items()}
    finally:
        for sock in sockets.values():
            sock.close()


_REACH = """
import errno, os, socket
def attempt(call, *arguments):
    try: call(*arguments)
    except OSError as error: return errno.errorcode[error.errno]
    return "done"
def main(names):
    job_socket = socket.socket(fileno=os.dup(3))
    return {
        "connect": [attempt(socket.socket(socket.AF_UNIX, kind).connect, name) for kind in (1, 2, 5) for name in names],
        "send": [attempt(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto, b"x", name) for name in names],
        "take": [attempt(socket.socket(socket.AF_UNIX, kind).bind, name) for kind, name in zip((1, 2, 5), names)],
        "take with the job's socket": attempt(job_socket.bind, "\\0python-executor-test"),
    }
"""

#: What a script gets from _REACH. The names are free in the job's own network namespace.
_UNREACHABLE = {
    "connect": ["ECONNREFUSED"] * 9,
    "send": ["ECONNREFUSED"] * 3,
    "take": ["done"] * 3,
    "take with the job's socket": "EINVAL",
}


def test_job_reaches_no_abstract_socket_of_the_host(
    sandbox: NsjailSandbox, host_sockets: dict[str, str]
) -> None:
    outcome = sandbox.run(Job(_REACH, {"names": list(host_sockets.values())}))
    assert outcome.error is None, outcome.error
    assert outcome.result == _UNREACHABLE


_LISTENER = """
import socket, time
def main():
    kept = []
    for kind in (1, 2, 5):
        kept.append(socket.socket(socket.AF_UNIX, kind))
        kept[-1].bind(f"\\0another-job-{kind}")
        if kind != 2: kept[-1].listen()
    time.sleep(60)
"""


def _listens() -> bool:
    """Return whether a process below this one is in a network namespace with the names of _LISTENER."""
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(OSError):
            if "@another-job-5" in Path(f"/proc/{process.pid}/net/unix").read_text():
                return True
    return False


@pytest.mark.parametrize("isolation", list(Isolation))
def test_job_reaches_no_abstract_socket_of_another_running_job(nsjail: None, isolation: Isolation) -> None:
    names = [f"\0another-job-{kind}" for kind in (1, 2, 5)]
    with nsjail_sandbox(isolation) as one, nsjail_sandbox(isolation) as other, ThreadPoolExecutor(1) as pool:
        listener = pool.submit(one.run, Job(_LISTENER, limits=Limits(timeout=30)))
        eventually(_listens, within=20, what="the other job listens")
        outcome = other.run(Job(_REACH, {"names": names}))
        one.cancel()
        with pytest.raises(SandboxFailure):
            listener.result()
    assert outcome.error is None, outcome.error
    assert outcome.result == _UNREACHABLE


def test_asyncio_and_socketserver_serve_unix_sockets(sandbox: NsjailSandbox) -> None:
    outcome = run_script(
        sandbox,
        """
        import asyncio, os, socket, socketserver, threading
        async def serve_many():
            async def answer(reader, writer):
                writer.write(await reader.readline())
                writer.close()
            async def ask(number):
                reader, writer = await asyncio.open_unix_connection("/tmp/asyncio")
                writer.write(b"%d\\n" % number)
                return int(await reader.readline())
            async with await asyncio.start_unix_server(answer, "/tmp/asyncio"):
                return await asyncio.gather(*map(ask, range(50)))
        class Handler(socketserver.StreamRequestHandler):
            def handle(self): self.wfile.write(self.rfile.readline().upper())
        def serve_threads():
            with socketserver.ThreadingUnixStreamServer("/tmp/server", Handler) as server:
                threading.Thread(target=server.serve_forever).start()
                with socket.socket(socket.AF_UNIX) as client:
                    client.connect("/tmp/server")
                    client.sendall(b"text\\n")
                    answer = client.makefile().readline()
                server.shutdown()
                return answer
        def main():
            return {"asyncio": asyncio.run(serve_many()), "socketserver": serve_threads()}
        """,
    )
    assert outcome.error is None, outcome.error
    assert outcome.result == {"asyncio": list(range(50)), "socketserver": "TEXT\n"}
