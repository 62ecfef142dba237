"""Artifacts: the worker reads only regular files of the job's own folder, within bounds, after its end."""

# Scripts may have long lines.
# ruff: noqa: E501

from functools import partial
from typing import Any, Final

from jobs.job import Job
from jobs.limits import ARTIFACTS, ARTIFACTS_BYTES, ARTIFACTS_LISTED
from jobs.mode import Mode
from selftest.checks import each, keeps, keeps_at_most, keeps_only
from selftest.probe import Probe, job
from selftest.probes.scripts import FORGE

_probe = partial(Probe, "artifacts")

#: Patterns that match every file.
_ALL: Final = ("**", "**/.*", "**/.*/**")


def _artifact_job(script: str, prelude: str = "", **fields: Any) -> Job:
    """Make a program that leaves `own.txt` beside what `script` leaves."""
    own = "open('own.txt', 'w').write('own')\n"
    text = f"import os\n{own}{prelude}{job(script).script}"
    return job(text, mode=Mode.PROGRAM, artifacts=_ALL, **fields)


PROBES: Final = (
    _probe(
        "links-are-no-artifacts",
        "leave links to files and folders of the host and of the jail",
        "the regular file alone",
        (
            _artifact_job("""
                import sys
                targets = ["/etc/passwd", "../" * 20 + "etc/passwd", sys.executable, "/usr/bin/python3", "/proc/self/environ"]
                targets += ["/", "/etc", "..", ".", "own.txt"]
                for number, target in enumerate(targets):
                    os.symlink(target, f"link{number}")
                for target in ("/usr/bin/python3", os.__file__, "/dev/zero"):
                    try:
                        os.link(target, "hard")
                    except OSError:
                        pass
                """),
        ),
        keeps({"own.txt": b"own"}),
    ),
    _probe(
        "special-files-are-no-artifacts",
        "leave pipes, sockets and devices",
        "the regular file alone",
        (
            _artifact_job("""
                import socket, stat
                os.mkfifo("pipe")
                socket.socket(socket.AF_UNIX).bind("socket")
                for kind in (stat.S_IFCHR, stat.S_IFBLK):
                    try:
                        os.mknod(f"device{kind}", kind | 0o666, os.makedev(1, 5))
                    except OSError:
                        pass
                """),
        ),
        keeps({"own.txt": b"own"}),
    ),
    _probe(
        "artifacts-have-bounds",
        "leave files of 9 MB, sparse files of 64 MB, 3000 files, 500 nested folders",
        f"at most {ARTIFACTS} files kept and {ARTIFACTS_LISTED} listed",
        (
            _artifact_job("""
                open("9 MB", "wb").write(bytes(9 << 20))
                for number in range(20):
                    open(f"sparse{number}", "wb").truncate(64 << 20)
                for number in range(3000):
                    open(f"small{number}", "w").write("x")
                for _ in range(500):
                    os.mkdir("folder")
                    os.chdir("folder")
                    open("file", "w").write("x")
                """),
        ),
        keeps_at_most(ARTIFACTS, ARTIFACTS_BYTES, ARTIFACTS_LISTED),
    ),
    _probe(
        "forged-folder-is-ignored",
        "send the worker STARTED and descriptors of other folders",
        "the files of the job alone",
        (
            _artifact_job(
                """
                import socket, struct
                other = os.open("/usr/lib", os.O_RDONLY)
                sock = socket.socket(fileno=os.dup(3))
                for packet in (channel()._tag + b'."started"', b"", b"x"):
                    for _ in range(10):
                        sock.sendmsg([packet], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("2i", other, other))])
                """,
                FORGE,
            ),
        ),
        keeps({"own.txt": b"own"}),
    ),
    _probe(
        "artifacts-without-permissions-are-kept",
        "take all permissions from files, folders and /tmp",
        "the files all the same",
        (
            _artifact_job("""
                os.mkdir("folder")
                open("folder/file", "w").write("x")
                for path in ("folder/file", "folder", "own.txt", "/tmp"):
                    os.chmod(path, 0)
                """),
        ),
        keeps({"folder/file": b"x", "own.txt": b"own"}),
    ),
    _probe(
        "artifacts-are-read-after-the-last-process",
        "leave a process that swaps a file for a link to the interpreter",
        "the script's own bytes, or no such file",
        (
            _artifact_job("""
                import time
                if os.fork() == 0:
                    while True:
                        os.symlink("/usr/bin/python3", "link")
                        os.rename("link", "own.txt")
                        with open("new", "w") as file:
                            file.write("own")
                        os.rename("new", "own.txt")
                while not os.path.islink("own.txt"):
                    time.sleep(0.001)
                """),
        )
        * 3,
        each(keeps_only(b"own", b"")),
    ),
)
