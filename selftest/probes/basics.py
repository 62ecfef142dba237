"""Ordinary jobs: the sandbox runs them. A sandbox that refused every job would pass most other probes."""

# A script may have long lines.
# ruff: noqa: E501

from functools import partial
from typing import Final

from selftest.checks import all_of, prints, returns
from selftest.probe import BOTH, Probe, job

_probe = partial(Probe, "basics")

PROBES: Final = (
    _probe(
        "ordinary-job-succeeds",
        "pass inputs and stdin, print, return a result",
        "all four arrive",
        (
            job(
                """
                import sys
                def main(a):
                    print(sys.stdin.read())
                    return {"a": a, "nested": [None, True, 1.5, {"é": "\\U0001f600"}]}
                """,
                inputs={"a": 1},
                stdin="in",
            ),
        ),
        all_of(
            returns({"a": 1, "nested": [None, True, 1.5, {"é": "\U0001f600"}]}),
            prints("in\n"),
        ),
        BOTH,
    ),
    _probe(
        "async-main-is-awaited",
        "define main with async def",
        "the result that main returns",
        (job("async def main():\n    return {'awaited': True}"),),
        returns({"awaited": True}),
        BOTH,
    ),
    _probe(
        "asyncio-threads-and-subprocesses-work",
        "use asyncio, threading and subprocess",
        "all three work",
        (
            job("""
                import asyncio, subprocess, sys, threading
                async def waits():
                    child = await asyncio.create_subprocess_exec(sys.executable, "-c", "print(6 * 7)", stdout=-1)
                    out, _ = await child.communicate()
                    return int(out)
                def main():
                    seen = []
                    thread = threading.Thread(target=seen.append, args=(1,))
                    thread.start()
                    thread.join()
                    ran = subprocess.run([sys.executable, "-c", "print('ran')"], capture_output=True, text=True)
                    return {"asyncio": asyncio.run(waits()), "thread": seen, "ran": ran.stdout}
                """),
        ),
        returns({"asyncio": 42, "thread": [1], "ran": "ran\n"}),
    ),
    _probe(
        "files-are-copied-without-sendfile",
        "copy a file with shutil, send it with socket.sendfile and asyncio",
        "all three send the whole file",
        (
            job("""
                import asyncio, shutil, socket
                async def send(file):
                    ours, theirs = socket.socketpair()
                    with ours, theirs:
                        theirs.setblocking(False)
                        file.seek(0)
                        return await asyncio.get_running_loop().sock_sendfile(theirs, file)
                def main():
                    with open("/tmp/a", "wb") as file:
                        file.write(bytes(70_000))
                    shutil.copyfile("/tmp/a", "/tmp/b")
                    ours, theirs = socket.socketpair()
                    with ours, theirs, open("/tmp/b", "rb") as file:
                        return {"socket": theirs.sendfile(file), "asyncio": asyncio.run(send(file)),
                                "copied": file.tell()}
                """),
        ),
        returns({"socket": 70_000, "asyncio": 70_000, "copied": 70_000}),
    ),
)
