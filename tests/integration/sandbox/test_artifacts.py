"""The artifacts of a job are regular files of its working folder, whatever the script leaves there."""

import hashlib

import psutil
import pytest

from jobs.files import File
from jobs.limits import ARTIFACTS, ARTIFACTS_BYTES, ARTIFACTS_LISTED, MB, PATH_DEPTH, Limits
from jobs.mode import Mode
from jobs.outcome import ErrorType, Outcome
from sandbox.jail.sandbox import NsjailSandbox
from tests.support.scripts import error_of, run_script

#: Patterns that match every file.
_ALL = ("**", "**/.*", "**/.*/**", "**/.*/**/.*")


def _run(sandbox: NsjailSandbox, script: str, *patterns: str, **fields: object) -> Outcome:
    return run_script(sandbox, script, mode=Mode.PROGRAM, artifacts=patterns or _ALL, **fields)


def _contents(outcome: Outcome) -> dict[str, bytes | None]:
    """Return the bytes of each artifact by its path, None if it was dropped. Check the other fields."""
    for artifact in outcome.artifacts:
        if artifact.content is not None:
            assert artifact.size == len(artifact.content)
            assert artifact.sha256 == hashlib.sha256(artifact.content).hexdigest()
        assert artifact.dropped == (artifact.content is None)
    paths = [artifact.path for artifact in outcome.artifacts]
    assert paths == sorted(paths)
    return {artifact.path: artifact.content for artifact in outcome.artifacts}


@pytest.mark.parametrize("mode", list(Mode))
def test_job_returns_the_files_that_its_patterns_name(sandbox: NsjailSandbox, mode: Mode) -> None:
    script = """
        import os
        os.makedirs("out/deep")
        for path in ("plot.png", "note.txt", ".hidden.png", "out/a", "out/deep/b", "out.png"):
            open(path, "w").write(path)
        def main(): return {}
        """
    outcome = run_script(sandbox, script, mode=mode, artifacts=("*.png", "out/**", "missing"))
    assert outcome.error is None, outcome.error
    names = ("out.png", "out/a", "out/deep/b", "plot.png")
    assert _contents(outcome) == {name: name.encode() for name in names}
    assert not outcome.artifacts_truncated


def test_job_with_packages_returns_its_artifacts(with_packages: NsjailSandbox) -> None:
    script = "import small\nopen('a', 'w').write('b')"
    outcome = _run(with_packages, script, environment="small")
    assert (outcome.error, _contents(outcome)) == (None, {"a": b"b"})


def test_files_of_the_client_are_artifacts_and_the_script_is_none(sandbox: NsjailSandbox) -> None:
    outcome = _run(sandbox, "import os\nos.mkdir('a')\nopen('a/script.py', 'w')", files=(File("b", b"c"),))
    assert _contents(outcome) == {"a/script.py": b"", "b": b"c"}


def test_job_without_patterns_has_no_artifacts(sandbox: NsjailSandbox) -> None:
    outcome = run_script(sandbox, "open('a', 'w').write('b')\ndef main(): return {}")
    assert (outcome.artifacts, outcome.artifacts_truncated) == ((), False)


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("raise ValueError", ErrorType.EXCEPTION),
        ("sys.exit(3)", ErrorType.EXIT),
        ("os._exit(3)", ErrorType.EXIT),
        ("os.kill(os.getpid(), 9)", ErrorType.KILLED),
        ("time.sleep(60)", ErrorType.TIMEOUT),
        ("hold = bytearray(200 << 20)", ErrorType.MEMORY_LIMIT),
    ],
)
def test_failed_job_has_its_artifacts(sandbox: NsjailSandbox, end: str, expected: ErrorType) -> None:
    script = f"import os, sys, time\nopen('a', 'w').write('b')\n{end}"
    timeout = 0.5 if expected is ErrorType.TIMEOUT else 20
    outcome = _run(sandbox, script, limits=Limits(timeout=timeout, memory_mb=64))
    assert error_of(outcome)[0] is expected
    assert _contents(outcome) == {"a": b"b"}


#: What a hostile script leaves, by the name of the attack: the script, the contents of its artifacts, and
#: whether more cannot be listed.
_ATTACKS: dict[str, tuple[str, dict[str, bytes | None], bool]] = {
    "symbolic links to files": (
        """
        import sys
        for name, target in enumerate(("/etc/passwd", "../" * 20 + "etc/passwd", "../usr/bin/python3", sys.executable,
                                       "/usr/bin/python3", "/proc/self/fd/0", "/dev/zero", "/proc/self/environ", "own")):
            os.symlink(target, f"link{name}")
        """,
        {},
        False,
    ),
    "symbolic links to folders": (
        """
        os.mkdir("real")
        open("real/a", "w").write("a")
        for name, target in enumerate(("/", "/etc", "..", ".", "real", "/proc/1/root", "/usr/lib")):
            os.symlink(target, f"link{name}")
        os.symlink("..", "real/up")
        """,
        {"real/a": b"a"},
        False,
    ),
    "hard links": (
        """
        for target in ("/usr/bin/python3", os.__file__, "/dev/null", "/dev/zero"):
            try: os.link(target, "stolen")
            except OSError: pass
        os.link("own", "linked")
        """,
        {"linked": b"own"},
        False,
    ),
    "pipes, sockets and devices": (
        """
        import socket, stat
        os.mkfifo("pipe")
        socket.socket(socket.AF_UNIX).bind("socket")
        for kind in (stat.S_IFCHR, stat.S_IFBLK):
            try: os.mknod(f"device{kind}", kind | 0o666, os.makedev(1, 5))
            except OSError: pass
        """,
        {},
        False,
    ),
    "large files": (
        """
        open("8 MB", "wb").write(bytes(8 << 20))
        open("9 MB", "wb").write(bytes(9 << 20))
        for name in ("sparse1", "sparse2"): open(name, "wb").truncate(64 << 20)
        """,
        {"8 MB": bytes(8 * MB), "9 MB": None, "own": None, "sparse1": None, "sparse2": None},
        False,
    ),
    "names that are no UTF-8": (
        """
        open(b"\\xff", "w").write("x")
        os.mkdir(b"\\xfe")
        open(b"\\xfe/a", "w").write("x")
        """,
        {},
        True,
    ),
    "control characters": (
        """
        for name in ("line\\nbreak", "\\x1b[2J", "tab\\t", "\\x7f"): open(name, "w").write("x")
        """,
        {},
        True,
    ),
    "odd names": (
        """
        for name in ("n" * 255, "-", "...", "..x", "*", "\\\\", "%2e%2e%2f", "\\u202e", " "): open(name, "w").write("x")
        """,
        dict.fromkeys(("n" * 255, "-", "...", "..x", "*", "\\", "%2e%2e%2f", "\u202e", " "), b"x"),
        False,
    ),
    "paths that are too long": (
        """
        path = "/".join(["d" * 200] * 6)
        os.makedirs(path)
        open(path + "/a", "w").write("x")
        """,
        {},
        True,
    ),
    "a thousand folders": (
        f"""
        os.makedirs("/".join("d" * {PATH_DEPTH - 1}))
        open("/".join("d" * {PATH_DEPTH - 1}) + "/a", "w").write("deepest")
        os.mkdir("e")
        os.chdir("e")
        for _ in range(1000):
            os.mkdir("e")
            os.chdir("e")
        open("a", "w").write("x")
        """,
        {"/".join("d" * (PATH_DEPTH - 1)) + "/a": b"deepest"},
        True,
    ),
    "no permissions": (
        """
        for number, mode in enumerate((0, 0o400, 0o100, 0o200)):
            os.makedirs(f"{number}/in")
            open(f"{number}/in/a", "w").write("x")
            os.chmod(f"{number}/in/a", 0)
            os.chmod(f"{number}/in", mode)
            os.chmod(f"{number}", mode)
        os.chmod("own", 0)
        os.chmod("/tmp", 0)
        """,
        {f"{number}/in/a": b"x" for number in range(4)},
        False,
    ),
    "another working folder": (
        """
        for call, *arguments in ((os.rename, "/tmp", "/tmp2"), (os.rmdir, "/tmp"), (os.symlink, "/etc", "/tmp2")):
            try: call(*arguments)
            except OSError: pass
        import ctypes
        libc = ctypes.CDLL(None)
        libc.mount(b"/usr", b"/tmp", None, 4096, None)
        libc.mount(b"tmpfs", b"/tmp", b"tmpfs", 0, None)
        libc.umount2(b"/tmp", 2)
        libc.pivot_root(b"/tmp", b"/tmp")
        libc.chroot(b"/usr")
        os.chdir("/usr")
        """,
        {},
        False,
    ),
}


@pytest.mark.parametrize("attack", _ATTACKS)
def test_artifacts_are_regular_files_of_the_job_when_a_script_is_hostile(
    sandbox: NsjailSandbox, attack: str
) -> None:
    script, expected, truncated = _ATTACKS[attack]
    before = "        import os\n        open('own', 'w').write('own')\n"
    outcome = _run(sandbox, before + script)
    assert outcome.error is None, outcome.error
    assert (_contents(outcome), outcome.artifacts_truncated) == ({"own": b"own"} | expected, truncated)
    assert run_script(sandbox, "def main(): return {'a': 1}").result == {"a": 1}


def test_artifacts_past_the_bounds_are_listed_as_dropped_and_then_left_out(sandbox: NsjailSandbox) -> None:
    script = """
        import os
        number = 0
        while True:
            try: open(f"{number:05}", "w").write("x")
            except OSError: break
            number += 1
        print(number)
        """
    outcome = _run(sandbox, script)
    assert 4000 < int(outcome.stdout) < 4096
    contents = _contents(outcome)
    assert list(contents) == [f"{number:05}" for number in range(ARTIFACTS_LISTED)]
    assert list(contents.values()) == [b"x"] * ARTIFACTS + [None] * (ARTIFACTS_LISTED - ARTIFACTS)
    assert outcome.artifacts_truncated


def test_artifacts_together_have_a_bound(sandbox: NsjailSandbox) -> None:
    script = "for name in 'abc': open(name, 'wb').write(bytes(3 << 20))\nopen('d', 'w').write('x')"
    contents = _contents(_run(sandbox, script))
    sizes = {name: content and len(content) for name, content in contents.items()}
    assert sizes == {"a": 3 * MB, "b": 3 * MB, "c": None, "d": 1}
    assert 3 * 3 * MB > ARTIFACTS_BYTES


def test_artifacts_are_read_after_the_last_process_of_the_job(sandbox: NsjailSandbox) -> None:
    """A process that the script forgets appends to a file, and swaps files and folders for links."""
    script = """
        import os, time
        open("started", "w")
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                with open("log", "ab", buffering=0) as log:
                    number = 0
                    while True:
                        number += 1
                        log.write(b"x" * 1024)
                        if number % 1000 == 0: log.truncate(0)
                        os.makedirs("folder", exist_ok=True)
                        open("folder/passwd", "w").write("own")
                        open("swapped", "w").write("own")
                        os.symlink("/etc/passwd", "link")
                        os.rename("link", "swapped")
                        os.rename("folder", "moved")
                        os.symlink("/etc", "folder")
                        os.unlink("folder")
                        os.unlink("moved/passwd")
                        os.rmdir("moved")
                        os.unlink("swapped")
            os._exit(0)
        while not os.path.exists("log"): time.sleep(0.001)
        time.sleep(0.05)
        """
    for _ in range(5):
        outcome = _run(sandbox, script)
        assert outcome.error is None, outcome.error
        contents = _contents(outcome)
        assert set(contents.pop("log") or b"x") == set(b"x")
        assert contents.pop("started") == b""
        assert set(contents) <= {"folder/passwd", "moved/passwd", "swapped"}
        assert set(contents.values()) <= {b"own", b""}


#: Sends STARTED again and other packets, each with a descriptor of another folder.
_FORGED = """
    import gc, os, socket, struct
    open("own", "w").write("own")
    def send(packet, *fds):
        data = struct.pack(f"{len(fds)}i", *fds)
        socket.socket(fileno=os.dup(3)).sendmsg([packet], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, data)])
    other = os.open("/usr/lib", os.O_RDONLY)
    tag = next(found._tag for found in gc.get_objects() if type(found).__name__ == "Channel" and found._tag)
    for packet in (tag + b'."started"', b"", b"x", tag + b"+"):
        for _ in range(10): send(packet, other, other)
    CLOSE
    """


@pytest.mark.parametrize(
    "close", ["pass", "os.close(3)", "os.closerange(0, 256)", "socket.socket(fileno=3).shutdown(2)"]
)
def test_artifacts_come_from_the_job_when_a_script_sends_descriptors(
    sandbox: NsjailSandbox, close: str
) -> None:
    # The sandbox starts its jails with its first jobs.
    _run(sandbox, "pass")
    before = psutil.Process().num_fds()
    outcome = _run(sandbox, _FORGED.replace("CLOSE", close))
    assert _contents(outcome) == {"own": b"own"}
    assert psutil.Process().num_fds() <= before


def test_worker_keeps_no_descriptor_of_a_job(sandbox: NsjailSandbox) -> None:
    script = "open('a', 'w').write('b')\nraise SystemExit(1)"
    _run(sandbox, script, files=(File("b", b"c"),))
    before = psutil.Process().num_fds()
    for _ in range(10):
        _run(sandbox, script, files=(File("b", b"c"),))
    assert psutil.Process().num_fds() == before


def test_memory_of_the_working_folder_is_free_before_the_next_job(sandbox: NsjailSandbox) -> None:
    """A jail that still has memory of a job would be replaced."""
    run_script(sandbox, "def main(): return {}")
    jails = {child.pid for child in psutil.Process().children() if child.name() == "nsjail"}
    for _ in range(5):
        outcome = _run(sandbox, "open('a', 'wb').write(bytes(60 << 20))")
        assert _contents(outcome) == {"a": None}
        outcome = run_script(sandbox, "def main(): return {}")
        peak = outcome.usage.memory_peak_bytes
        assert peak is None or peak < 20 * MB
    assert {child.pid for child in psutil.Process().children() if child.name() == "nsjail"} == jails


def test_job_ends_when_its_patterns_and_names_are_expensive(sandbox: NsjailSandbox) -> None:
    script = """
        import os
        folder = "a" * 200
        for depth in range(12):
            os.mkdir(folder)
            os.chdir(folder)
            for number in range(300):
                open("a" * 240 + str(number), "w")
        """
    patterns = ["**/*a*a*a*a*a/" * 18 + "*b", "**/*" + "a" * 120 + "*b/**"] * 16
    outcome = _run(sandbox, script, *patterns)
    assert (outcome.error, outcome.artifacts) == (None, ())
    assert run_script(sandbox, "def main(): return {'a': 1}").result == {"a": 1}


def test_reading_artifacts_counts_as_cpu_time_of_the_job(sandbox: NsjailSandbox) -> None:
    script = "for name in range(4000): open(str(name), 'w')"
    with_artifacts = _run(sandbox, script, *(f"**/*a*b*{number}" for number in range(32))).usage.cpu_ms
    without = run_script(sandbox, script, mode=Mode.PROGRAM).usage.cpu_ms
    assert with_artifacts is not None
    assert without is not None
    assert with_artifacts > without
