"""The memory of all a job's processes and its files together is bounded by the kernel."""

from functools import partial
from typing import Final

from jobs.limits import Limits
from jobs.outcome import ErrorType
from selftest.checks import fails, one_of, returns
from selftest.probe import BOTH, Probe, job
from selftest.probes.prelude import attempts

_probe = partial(Probe, "memory")

_SMALL: Final = Limits(memory_mb=64)
_EXCEEDED: Final = fails(ErrorType.MEMORY_LIMIT, says="64 MB")

PROBES: Final = (
    _probe(
        "what-is-allowed-can-be-used",
        "40 of 64 MB",
        "the result",
        (job("def main():\n    return {'bytes': len(bytearray(40 << 20))}", limits=_SMALL),),
        returns({"bytes": 40 << 20}),
        BOTH,
    ),
    _probe(
        "one-large-object-is-too-much",
        "100 of 64 MB at once",
        "memory_limit",
        (job("def main():\n    return {'bytes': len(bytearray(100 << 20))}", limits=_SMALL),),
        _EXCEEDED,
        BOTH,
    ),
    _probe(
        "many-small-objects-are-too-much",
        "a list that grows for ever",
        "memory_limit",
        (
            job(
                "def main():\n    grown = []\n    while True:\n        grown.append([0] * 100)", limits=_SMALL
            ),
        ),
        _EXCEEDED,
        BOTH,
    ),
    _probe(
        "to-catch-memory-errors-helps-nothing",
        "grow, catch everything, grow again",
        "memory_limit",
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
                limits=_SMALL,
            ),
        ),
        one_of(_EXCEEDED, fails(ErrorType.TIMEOUT)),
        BOTH,
    ),
    _probe(
        "children-are-counted-together",
        "six children with 20 of 64 MB each",
        "memory_limit",
        (
            job(
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
                limits=_SMALL,
            ),
        ),
        _EXCEEDED,
    ),
    _probe(
        "a-child-s-end-is-not-hidden",
        "let a child run out of memory, then return",
        "memory_limit all the same",
        (
            job(
                """
                import os
                def main():
                    if os.fork() == 0:
                        bytearray(100 << 20)
                        os._exit(0)
                    os.wait()
                    return {"waited": True}
                """,
                limits=_SMALL,
            ),
        ),
        _EXCEEDED,
    ),
    _probe(
        "files-in-tmp-are-memory",
        "60 MB in /tmp with 64 MB allowed",
        "memory_limit",
        (
            job(
                """
                def main():
                    with open("/tmp/file", "wb") as file:
                        for _ in range(60):
                            file.write(bytes(1 << 20))
                    return {"written": True}
                """,
                limits=_SMALL,
            ),
        ),
        _EXCEEDED,
    ),
    _probe(
        "files-without-a-name-are-memory",
        "two memfds of 40 MB with 64 MB allowed",
        "memory_limit",
        (
            job(
                """
                import os
                def main():
                    for name in ("a", "b"):
                        fd = os.memfd_create(name)
                        for _ in range(40):
                            os.write(fd, bytes(1 << 20))
                    return {"written": True}
                """,
                limits=_SMALL,
            ),
        ),
        _EXCEEDED,
    ),
    _probe(
        "shared-mappings-are-memory",
        "touch 100 MB of shared memory",
        "memory_limit",
        (
            job(
                """
                import mmap
                def main():
                    shared = mmap.mmap(-1, 100 << 20)
                    for at in range(0, len(shared), 4096):
                        shared[at] = 1
                    return {"touched": True}
                """,
                limits=_SMALL,
            ),
        ),
        _EXCEEDED,
    ),
    _probe(
        "what-pipes-and-sockets-hold-is-memory",
        "fill pipes and socket pairs in eight processes",
        "memory_limit or the machine's own bound",
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
        one_of(_EXCEEDED, returns({"filled": True})),
    ),
    _probe(
        "no-memory-can-be-locked",
        "mlock",
        "EPERM or ENOMEM",
        (
            attempts(
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
        one_of(returns({"ended": -1, "error": "EPERM"}), returns({"ended": -1, "error": "ENOMEM"})),
    ),
)
