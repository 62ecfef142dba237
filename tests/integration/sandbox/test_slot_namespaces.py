"""The namespaces of a slot, which its jobs have one after the other: a job meets nothing of the last one."""

import ctypes
import os
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from jobs.job import Job
from sandbox.isolation import Isolation
from sandbox.jail.sandbox import NsjailSandbox
from tests.support.jail import nsjail_sandbox
from tests.support.need import need
from tests.support.scripts import run_script

_KINDS = (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET)
_CLONE_NEWNET = 0x40000000


@pytest.fixture
def slot(nsjail: None) -> Iterator[NsjailSandbox]:
    """A sandbox with one slot."""
    with nsjail_sandbox(Isolation.SLOT) as sandbox:
        yield sandbox


#: Tries to connect to abstract names and to take them, and returns what came of it.
_MEET = Job(
    """
import errno, socket
def attempt(call, *arguments):
    try: call(*arguments)
    except OSError as error: return errno.errorcode[error.errno]
    return "done"
def main(names):
    return {
        "connect": [attempt(socket.socket(socket.AF_UNIX, kind).connect, name) for kind in (1, 2, 5) for name in names],
        "take": [attempt(socket.socket(socket.AF_UNIX, kind).bind, name) for kind in (1, 2, 5) for name in names],
    }
""",
    {"names": ["\0left-behind"]},
)
_NOTHING_MET = {"connect": ["ECONNREFUSED"] * 3, "take": ["done"] * 3}


def _zygote() -> psutil.Process:
    # Sandboxes of other tests may have jails too. That of this test was started last.
    jails = [child for child in psutil.Process().children() if child.name() == "nsjail"]
    (zygote,) = max(jails, key=psutil.Process.create_time).children()
    return zygote


def _network(process: psutil.Process) -> str:
    return str(Path(f"/proc/{process.pid}/ns/net").readlink())


def _in_network_of(process: psutil.Process, call: Callable[[], None]) -> None:
    """Call a function in a thread that has entered the network namespace of a process."""

    def run() -> None:
        with Path(f"/proc/{process.pid}/ns/net").open() as namespace:
            if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), _CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns")
        call()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(run).result()


@pytest.mark.parametrize("left", ["stream", "datagram", "packets", "pair"])
def test_job_meets_no_socket_that_remains_of_the_last_job(slot: NsjailSandbox, left: str) -> None:
    if os.geteuid() != 0:
        need("only root can put a socket into the network of a slot")
    slot.run(_MEET)
    slot.prepare()
    zygote = _zygote()
    before = _network(zygote)
    with ExitStack() as kept:

        def leave() -> None:
            if left == "pair":
                for end in socket.socketpair():
                    kept.enter_context(end)
                return
            sock = socket.socket(socket.AF_UNIX, _KINDS[["stream", "datagram", "packets"].index(left)])
            kept.enter_context(sock).bind("\0left-behind")

        _in_network_of(zygote, leave)
        # The runner of this job has been ready since before the socket.
        slot.run(Job("def main(): return {}"))
        outcome = slot.run(_MEET)
        assert outcome.error is None, outcome.error
        assert outcome.result == _NOTHING_MET
        assert _network(_zygote()) != before


def test_slot_keeps_its_network_while_no_socket_remains(slot: NsjailSandbox) -> None:
    seen = set()
    for _ in range(3):
        outcome = run_script(
            slot,
            """
            import multiprocessing, socket
            def main():
                pair, listener = socket.socketpair(), socket.socket(socket.AF_UNIX)
                listener.bind("\\0name")
                listener.listen()
                client = socket.socket(socket.AF_UNIX)
                client.connect("\\0name")
                with multiprocessing.Pool(2) as pool:
                    return {"sum": sum(pool.map(abs, [1, -2]))}
            """,
        )
        assert outcome.result == {"sum": 3}
        slot.prepare()
        # The zygote looks at the network before it forks the runner.
        slot._environments["stdlib"]._ready[0]._session.wait_until_ready(10)
        seen.add(_network(_zygote()))
    assert len(seen) == 1


#: Leaves listeners with connections in flight in cycles of sockets, which only the kernel's garbage collector
#: frees, some time after the job.
_LEAVE_CYCLES = """
import array, socket
def send(sock, *others):
    sock.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [o.fileno() for o in others]))])
def main(names):
    kept = []
    for name in names:
        for kind in (1, 5):
            listener = socket.socket(socket.AF_UNIX, kind)
            listener.bind(f"{name}-{kind}")
            listener.listen(20)
            for _ in range(20):
                client = socket.socket(socket.AF_UNIX, kind)
                client.connect(f"{name}-{kind}")
                client.close()
            one, other = socket.socketpair()
            send(one, other, listener)
            send(other, one)
            for end in (one, other, listener): end.close()
    return {"left": len(names)}
"""


def test_job_meets_no_socket_in_flight_of_the_last_job(slot: NsjailSandbox) -> None:
    names = [f"\0in-flight-{number}" for number in range(40)]
    ends = [f"{name}-{kind}" for name in names for kind in (1, 5)]
    for _ in range(2):
        assert slot.run(Job(_LEAVE_CYCLES, {"names": names})).result == {"left": len(names)}
        outcome = slot.run(Job(_MEET.script, {"names": ends}))
        assert outcome.error is None, outcome.error
        assert outcome.result == {
            "connect": ["ECONNREFUSED"] * 3 * len(ends),
            "take": ["done"] * 3 * len(ends),
        }


#: Tries to change what IPC, UTS, network and cgroup namespaces hold, by system calls, then looks at all of it.
#: Each call has its numbers on x86_64 and aarch64.
_CHANGE_AND_LOOK = """
import ctypes, errno, fcntl, os, socket, struct
LIBC = ctypes.CDLL(None, use_errno=True)
CALLS = {
    "shmget": (29, 194, 4242, 4096, 0o1666), "shmat": (30, 196, 0, 0, 0), "shmctl": (31, 195, 0, 2, 0),
    "semget": (64, 190, 4242, 1, 0o1666), "semctl": (66, 191, 0, 0, 12, 0),
    "msgget": (68, 186, 4242, 0o1666), "msgctl": (71, 187, 0, 2, 0),
    "mq_open": (240, 180, b"queue", 0o102, 0o666, 0), "mq_unlink": (241, 181, b"queue"),
    "sethostname": (170, 161, b"left", 4), "setdomainname": (171, 162, b"left", 4),
    "unshare": (272, 97, 0), "setns": (308, 268, 3, 0), "mount": (165, 40, b"m", b"/tmp", b"mqueue", 0, 0),
    "add_key": (248, 217, b"user", b"left", b"x", 1, -5), "request_key": (249, 218, b"user", b"left", 0, -5),
    "keyctl": (250, 219, 0, -5, 0), "io_uring_setup": (425, 425, 4, bytes(120)), "capset": (126, 91, bytes(8), bytes(24)),
}
def call(x86_64, aarch64, *arguments):
    values = [argument if isinstance(argument, bytes) else ctypes.c_long(argument) for argument in arguments]
    number = x86_64 if os.uname().machine == "x86_64" else aarch64
    if LIBC.syscall(ctypes.c_long(number), *values) == -1:
        raise OSError(ctypes.get_errno(), "")
def attempt(call, *arguments):
    try: return repr(call(*arguments))
    except OSError as error: return errno.errorcode[error.errno]
def main():
    sock = socket.socket(socket.AF_UNIX)
    requests = {"SIOCGIFCONF": 0x8912, "SIOCGIFFLAGS": 0x8913, "SIOCSIFFLAGS": 0x8914, "SIOCADDRT": 0x890b,
                "SIOCGSKNS": 0x894c, "SIOCUNIXFILE": 0x89e0}
    options = {"SO_COOKIE": 57, "SO_NETNS_COOKIE": 71, "SO_PEERCRED": 17, "SO_PEERSEC": 31, "SO_PEERGROUPS": 59}
    sockets = [(2, 1, 0), (2, 2, 0), (2, 3, 1), (10, 1, 0), (17, 3, 3), *((16, 3, protocol) for protocol in range(22))]
    return {
        "calls": {name: attempt(call, *numbers) for name, numbers in CALLS.items()},
        "sockets": [attempt(socket.socket, *numbers) for numbers in sockets],
        "ioctl": [attempt(fcntl.ioctl, sock, number, bytes(40)) for number in requests.values()],
        "options": [attempt(sock.getsockopt, socket.SOL_SOCKET, number, 8) for number in options.values()],
        "names": [*os.uname(), socket.gethostname(), LIBC.getdomainname(domain := ctypes.create_string_buffer(64), 64)]
            + [domain.value.decode()],
        "folders": [attempt(os.listdir, path) for path in ("/proc/self", "/sys/fs/cgroup", "/dev/mqueue", "/dev/shm")],
    }
"""


def test_job_cannot_change_what_the_namespaces_of_a_slot_hold(sandbox: NsjailSandbox) -> None:
    first, second = (sandbox.run(Job(_CHANGE_AND_LOOK)) for _ in range(2))
    assert first.error is None, first.error
    assert first.result == second.result
    assert first.result is not None
    assert set(first.result["calls"].values()) == {"EPERM"}
    assert (
        set(first.result["sockets"])
        == set(first.result["ioctl"])
        == set(first.result["options"])
        == {"EPERM"}
    )
    assert first.result["names"][1] == first.result["names"][5] == "sandbox"
    assert first.result["folders"] == ["ENOENT", "ENOENT", "ENOENT", "['script.py']"]


def test_fresh_jail_has_namespaces_of_its_own(nsjail: None) -> None:
    kinds = ("cgroup", "ipc", "mnt", "net", "pid", "user", "uts")
    seen: dict[int, list[int]] = {}
    with nsjail_sandbox(Isolation.FRESH) as sandbox, ExitStack() as kept:
        for _ in range(2):
            sandbox.prepare()
            for waiting in sandbox._environments["stdlib"]._ready:
                waiting._session.wait_until_ready(10)
            for jail in psutil.Process().children():
                for init in jail.children() if jail.name() == "nsjail" else ():
                    # An open namespace stays, so that no later one gets its number.
                    files = [kept.enter_context(Path(f"/proc/{init.pid}/ns/{kind}").open()) for kind in kinds]
                    seen[init.pid] = [os.fstat(file.fileno()).st_ino for file in files]
            sandbox.run(Job("def main(): return {}"))
            sandbox.run(Job("def main(): return {}"))
    assert len(seen) >= 3
    for kind, numbers in zip(kinds, zip(*seen.values(), strict=True), strict=True):
        assert len(set(numbers)) == len(seen), kind
