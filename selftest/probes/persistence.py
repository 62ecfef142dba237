"""Persistence: a job leaves nothing that the next job can see."""

# A script may have long lines.
# ruff: noqa: E501

from functools import partial
from typing import Final

from jobs.limits import TMP_BYTES, TMP_FILES, Limits
from jobs.outcome import ErrorType
from selftest.checks import all_differ, all_of, each, fails, in_order, prints, returns, returns_between
from selftest.probe import Probe, job
from selftest.probes.disk import FILES, FILL

_probe = partial(Probe, "persistence")

_FULL: Final = returns_between(TMP_BYTES - (1 << 20), TMP_BYTES, "written")

PROBES: Final = (
    _probe(
        "tmp-is-empty-for-the-next-job",
        "leave files, folders, links in /tmp; list it in the next",
        "only the own script in /tmp",
        (
            job("""
                import os
                def main():
                    open("/tmp/file", "w").write("left")
                    os.makedirs("/tmp/.hidden/deep")
                    os.symlink("/tmp/file", "/tmp/link")
                    os.mkfifo("/tmp/fifo")
                    return {"left": sorted(os.listdir("/tmp"))}
                """),
            job("import os\ndef main(): return {'left': os.listdir('/tmp')}"),
        ),
        in_order(
            returns({"left": [".hidden", "fifo", "file", "link", "script.py"]}),
            returns({"left": ["script.py"]}),
        ),
    ),
    _probe(
        "full-tmp-is-emptied",
        "fill /tmp with bytes, with files, with bytes again",
        "the full space for each",
        (job(FILL), job(FILES), job(FILL)),
        in_order(_FULL, returns_between(TMP_FILES - 16, TMP_FILES, "made"), _FULL),
    ),
    _probe(
        "processes-end-with-the-job",
        "leave a daemon that writes; look for it in the next",
        "no process, no output",
        (
            job("""
                import os
                def main():
                    if os.fork() == 0:
                        os.setsid()
                        if os.fork() == 0:
                            while True:
                                os.write(1, b"still here\\n")
                        os._exit(0)
                    os.wait()
                    return {"left": True}
                """),
            job("""
                import os, time
                def main():
                    time.sleep(0.1)
                    there = []
                    for pid in range(1, 40_000):
                        try:
                            os.kill(pid, 0)
                            there.append(pid)
                        except ProcessLookupError:
                            pass
                    return {"there": len(there)}
                """),
        ),
        in_order(returns({"left": True}), all_of(returns_between(2, 3, "there"), prints())),
    ),
    _probe(
        "interpreter-state-is-reset",
        "change modules, builtins, environment, limits; compare",
        "no change is left",
        (
            job("""
                import builtins, decimal, json, locale, os, resource, signal, sys, warnings
                def main():
                    json.marker = builtins.marker = sys.marker = os.environ["MARKER"] = "left"
                    sys.modules["marker"] = json
                    sys.path.insert(0, "/tmp/marker")
                    decimal.getcontext().prec = 5
                    os.umask(0)
                    os.chdir("/")
                    os.nice(19)
                    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
                    signal.signal(signal.SIGTERM, signal.SIG_IGN)
                    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
                    sys.setrecursionlimit(5000)
                    return {"changed": True}
                """),
            job("""
                import builtins, decimal, json, os, resource, signal, sys
                def main():
                    mask = os.umask(0)
                    left = {
                        "json": hasattr(json, "marker"),
                        "builtins": hasattr(builtins, "marker"),
                        "sys": hasattr(sys, "marker"),
                        "modules": "marker" in sys.modules,
                        "path": "/tmp/marker" in sys.path,
                        "environment": "MARKER" in os.environ,
                        "decimal": decimal.getcontext().prec != 28,
                        "umask": mask == 0,
                        "folder": os.getcwd() != "/tmp",
                        "nice": os.nice(0) == 19,
                        "files": resource.getrlimit(resource.RLIMIT_NOFILE) != (256, 256),
                        "handler": signal.getsignal(signal.SIGTERM) != signal.SIG_DFL,
                        "blocked": bool(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
                        "recursion": sys.getrecursionlimit() == 5000,
                    }
                    return {"left": [name for name, there in left.items() if there]}
                """),
        ),
        in_order(returns({"changed": True}), returns({"left": []})),
    ),
    _probe(
        "inputs-stdin-and-script-are-erased",
        "give one job a secret; search for it in the next",
        "not found",
        (
            job(
                """
                import sys
                SECRET = "marker-in-the-script-5d1f"
                def main(secret):
                    print(secret + SECRET + sys.stdin.read(), end="")
                    return {"secret": secret}
                """,
                inputs={"secret": "marker-in-the-inputs-5d1f"},
                stdin="marker-in-stdin-5d1f",
            ),
            job(
                """
                import gc, linecache, os, sys
                def main():
                    needle = "".join(["-5d", "1f"])
                    gc.unfreeze()
                    found = [n for n, m in list(sys.modules.items()) if needle in repr(getattr(m, "__dict__", ""))]
                    found += [str(type(thing)) for thing in gc.get_objects() if type(thing) in (dict, list, tuple)
                              and thing is not found and any(needle in v for v in
                              (thing.values() if type(thing) is dict else thing) if type(v) is str)]
                    return {"found": found, "stdin": sys.stdin.read(), "tmp": os.listdir("/tmp")}
                """,
            ),
        ),
        in_order(
            returns({"secret": "marker-in-the-inputs-5d1f"}),
            all_of(returns({"found": [], "stdin": "", "tmp": ["script.py"]}), prints()),
        ),
    ),
    _probe(
        "random-numbers-differ-between-jobs",
        "draw from random and uuid in three jobs",
        "all different",
        (
            job("import random, uuid\ndef main(): return {'r': random.random(), 'u': uuid.uuid4().hex}"),
            job("import random, uuid\ndef main(): return {'r': random.random(), 'u': uuid.uuid4().hex}"),
            job("import random, uuid\ndef main(): return {'r': random.random(), 'u': uuid.uuid4().hex}"),
        ),
        all_of(all_differ("r"), all_differ("u")),
    ),
    _probe(
        "usage-is-counted-per-job",
        "use most of the memory and CPU time, three times",
        "the result for each",
        tuple(
            job(
                """
                import time
                def main():
                    kept = bytearray(40 << 20)
                    while time.process_time() < 1: pass
                    return {"used": True}
                """,
                # A slow host needs half a second of CPU time to start the script.
                limits=Limits(memory_mb=64, cpu=1.9),
            )
            for _ in range(3)
        ),
        each(returns({"used": True})),
    ),
    _probe(
        "ordinary-job-succeeds-after-crashes",
        "crash, exceed memory and time; run an ordinary job",
        "its result",
        (
            job("import ctypes\ndef main(): ctypes.string_at(0)"),
            job("def main(): bytearray(100 << 20)", limits=Limits(memory_mb=64)),
            job(
                "import os\ndef main():\n    while True:\n        try: os.fork()\n        except OSError: pass",
                limits=Limits(timeout=0.3),
            ),
            job("import os\ndef main(): os.kill(os.getpid(), 9)"),
            job("def main():\n    print('ordinary')\n    return {'ordinary': True}"),
        ),
        in_order(
            fails(ErrorType.KILLED),
            fails(ErrorType.MEMORY_LIMIT),
            fails(ErrorType.TIMEOUT),
            fails(ErrorType.KILLED),
            all_of(returns({"ordinary": True}), prints("ordinary\n")),
        ),
    ),
)
