"""Memory: the kernel limits the sum over all processes and files of a job."""

from functools import partial
from typing import Final

from jobs.limits import Limits
from jobs.outcome import ErrorType, SandboxKind
from selftest.checks import any_of, fails, returns
from selftest.probe import BOTH, NSJAIL, Probe, job
from selftest.probes.scripts import attempt_job

_probe = partial(Probe, "memory")

_SMALL: Final = Limits(memory_mb=64)
_EXCEEDED: Final = fails(ErrorType.MEMORY_LIMIT, message="64 MB")


def _exceeds(name: str, tried: str, script: str, kinds: frozenset[SandboxKind] = NSJAIL) -> Probe:
    """Return a probe whose script uses more than the 64 MB that it may have."""
    return _probe(name, tried, "memory_limit", (job(script, limits=_SMALL),), _EXCEEDED, kinds)


PROBES: Final = (
    _probe(
        "memory-below-the-limit-is-usable",
        "use 40 of 64 MB",
        "the result",
        (job("def main():\n    return {'bytes': len(bytearray(40 << 20))}", limits=_SMALL),),
        returns({"bytes": 40 << 20}),
        BOTH,
    ),
    _exceeds(
        "large-object-exceeds-memory",
        "allocate 100 MB at once, of 64",
        "def main():\n    return {'bytes': len(bytearray(100 << 20))}",
        BOTH,
    ),
    _exceeds(
        "allocation-that-never-fits-exceeds-memory",
        "allocate a list of 10 ** 12 items, of 64 MB",
        "def main():\n    return {'n': len([0] * 10**12)}",
        BOTH,
    ),
    _exceeds(
        "small-objects-exceed-memory",
        "grow a list for ever",
        "def main():\n    grown = []\n    while True:\n        grown.append([0] * 100)",
        BOTH,
    ),
    _probe(
        "catching-memory-errors-fails-the-job",
        "grow and catch every exception, for ever",
        "memory_limit or timeout",
        (
            job(
                """
                def main():
                    grown = []
                    while True:
                        try:
                            grown.append(bytearray(1 << 20))
                        except BaseException:
                            pass
                """,
                limits=Limits(timeout=4, memory_mb=64),
            ),
        ),
        any_of(_EXCEEDED, fails(ErrorType.TIMEOUT)),
        BOTH,
    ),
    _exceeds(
        "memory-of-children-is-summed",
        "hold 20 MB in each of six children, of 64",
        """
        import os, time
        def main():
            for _ in range(6):
                if os.fork() == 0:
                    kept = bytearray(20 << 20)
                    time.sleep(60)
            os.wait()
            return {"waited": True}
        """,
    ),
    _exceeds(
        "memory-kill-of-a-child-is-reported",
        "let a child run out of memory, then return",
        """
        import os
        def main():
            if os.fork() == 0:
                bytearray(100 << 20)
                os._exit(0)
            os.wait()
            return {"waited": True}
        """,
    ),
    _exceeds(
        "tmp-files-count-as-memory",
        "write 60 MB to /tmp, of 64",
        """
        def main():
            with open("/tmp/file", "wb") as file:
                for _ in range(60):
                    file.write(bytes(1 << 20))
            return {"written": True}
        """,
    ),
    _exceeds(
        "memfds-count-as-memory",
        "fill two memfds with 40 MB each, of 64",
        """
        import os
        def main():
            for name in ("a", "b"):
                fd = os.memfd_create(name)
                for _ in range(40):
                    os.write(fd, bytes(1 << 20))
            return {"written": True}
        """,
    ),
    _exceeds(
        "shared-mappings-count-as-memory",
        "touch 100 MB of shared memory, of 64",
        """
        import mmap
        def main():
            shared = mmap.mmap(-1, 100 << 20)
            for at in range(0, len(shared), 4096):
                shared[at] = 1
            return {"touched": True}
        """,
    ),
    _exceeds(
        "named-shared-memory-counts-as-memory",
        "fill 40 MB of shared memory and 40 MB of its own, of 64",
        """
        from multiprocessing.shared_memory import SharedMemory
        def main():
            memory = SharedMemory(create=True, size=40 << 20)
            memory.buf[:] = own = b"x" * memory.size
            return {"written": len(own)}
        """,
    ),
    _exceeds(
        # Linux charges the sockets of a connection, but not the 832 bytes of the packet that announces it.
        "connections-that-no-process-accepts-count-as-memory",
        "connect to listeners and close the connections, with 64 MB",
        """
        import socket
        def main():
            kept = []
            for _ in range(200):
                listener = socket.socket(socket.AF_UNIX)
                kept.append(listener)
                listener.bind("")
                listener.listen(1 << 16)
                try:
                    while True:
                        with socket.socket(socket.AF_UNIX) as client:
                            client.setblocking(False)
                            client.connect(listener.getsockname())
                except BlockingIOError:
                    pass
            return {"connected": True}
        """,
    ),
    _probe(
        "pipe-buffers-are-bounded",
        "fill pipes in nine processes",
        "memory_limit or the kernel's bound per user",
        (
            job(
                """
                import fcntl, os, signal, socket
                def fill():
                    kept = []
                    try:
                        while True:
                            read, write = os.pipe()
                            try:
                                fcntl.fcntl(write, 1031, 1 << 20)
                            except OSError:
                                pass
                            os.set_blocking(write, False)
                            try:
                                while os.write(write, bytes(65536)):
                                    pass
                            except BlockingIOError:
                                pass
                    except OSError:
                        pass
                def main():
                    for _ in range(8):
                        if os.fork() == 0:
                            fill()
                            signal.pause()
                    fill()
                    return {"filled": True}
                """,
                limits=_SMALL,
            ),
        ),
        any_of(_EXCEEDED, returns({"filled": True})),
    ),
    _probe(
        "mlock-is-refused",
        "call mlock",
        "EPERM or ENOMEM",
        (
            attempt_job(
                """
                import ctypes, mmap
                def main():
                    libc = ctypes.CDLL(None, use_errno=True)
                    area = mmap.mmap(-1, 1 << 20)
                    address = ctypes.addressof(ctypes.c_char.from_buffer(area))
                    libc.mlock.argtypes = (ctypes.c_void_p, ctypes.c_size_t)
                    ended = libc.mlock(address, 1 << 20)
                    return {"ended": ended, "error": errno.errorcode[ctypes.get_errno()] if ended else None}
                """
            ),
        ),
        any_of(returns({"ended": -1, "error": "EPERM"}), returns({"ended": -1, "error": "ENOMEM"})),
    ),
)
