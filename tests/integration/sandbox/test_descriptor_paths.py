"""The paths that name the descriptors of a job: /dev/stdin, /dev/stdout, /dev/stderr, /dev/fd/N."""

import pytest

from sandbox.jail.sandbox import NsjailSandbox
from tests.support.scripts import run_script


@pytest.mark.parametrize(
    "read",
    [
        "open('/dev/stdin').read()",
        "open(b'/dev/stdin', 'rb').read().decode()",
        "io.open('/dev/fd/0', encoding='utf-8').read()",
        "pathlib.Path('/dev/stdin').read_text()",
        "''.join(fileinput.input('/dev/stdin'))",
        "os.read(os.open('/dev/stdin', os.O_RDONLY), 99).decode()",
        "os.fdopen(os.open(pathlib.Path('/dev/fd/0'), os.O_RDONLY)).read()",
        "open(file='/dev/stdin', mode='r', buffering=1, opener=None).read()",
        "open('/dev/fd/0', 'r', -1, None, None, None, True, os.open).read()",
        "argparse.FileType()('/dev/stdin').read()",
    ],
)
def test_job_reads_its_stdin_by_path(sandbox: NsjailSandbox, read: str) -> None:
    script = f"import argparse, fileinput, io, os, pathlib\ndef main():\n    return {{'read': {read}}}"
    assert run_script(sandbox, script, stdin="line\n").result == {"read": "line\n"}


def test_job_writes_its_outputs_by_path(sandbox: NsjailSandbox) -> None:
    outcome = run_script(
        sandbox,
        """
        import io, logging, os, pathlib, sys
        def main():
            with open("/dev/stdout", "w") as file:
                print("w", file.name, file=file)
            for mode in ("a", "wb"):
                with open("/dev/fd/1", mode) as file:
                    file.write("a\\n" if mode == "a" else b"wb\\n")
            pathlib.Path("/dev/stderr").write_text("error\\n")
            handler = logging.FileHandler("/dev/stdout")
            handler.emit(logging.makeLogRecord({"msg": "logged"}))
            handler.close()
            os.close(os.open("/dev/stdout", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND))
            print("still open")
            return {}
        """,
    )
    assert outcome.error is None, outcome
    assert (outcome.stdout, outcome.stderr) == ("w /dev/stdout\na\nwb\nlogged\nstill open\n", "error\n")


def test_job_opens_its_own_descriptors_by_path(sandbox: NsjailSandbox) -> None:
    outcome = run_script(
        sandbox,
        """
        import os
        def main():
            read, write = os.pipe()
            with open(f"/dev/fd/{write}", "w") as file:
                file.write("text")
            os.close(write)
            with open(f"/dev/fd/{read}") as file:
                return {"read": file.read(), "inherited": os.get_inheritable(os.open(f"/dev/fd/{read}", os.O_RDONLY))}
        """,
    )
    assert outcome.result == {"read": "text", "inherited": False}


def test_paths_of_descriptors_fail_as_on_linux(sandbox: NsjailSandbox) -> None:
    outcome = run_script(
        sandbox,
        """
        import os, resource
        def fault(call, *args, **named):
            try:
                return f"opened {call(*args, **named)}"
            except Exception as error:
                return str(error)
        def main():
            faults = [
                fault(open, "/dev/fd/77"), fault(open, "/dev/fd/77", "w"), fault(os.open, "/dev/fd/77", os.O_RDONLY),
                fault(open, "/dev/fd/9999999999999999999999"), fault(open, "/dev/fd/x"), fault(open, "/dev/stdout", "x"),
                fault(open, "/dev/stdin", "q"), fault(open, "/dev/stdin", nothing=1), fault(open), fault(os.open, "/dev/stdin"),
                fault(open, 3.5), fault(open, "/dev/stdin", opener=1),
            ]
            os.close(0)
            faults.append(fault(open, "/dev/stdin"))
            resource.setrlimit(resource.RLIMIT_NOFILE, (4, 256))
            os.open("/dev/null", os.O_RDONLY)
            faults.append(fault(open, "/dev/stdout", "w"))
            return {"faults": faults}
        """,
    )
    assert outcome.result is not None, outcome
    with pytest.raises(TypeError) as unknown_argument:
        open("/dev/stdin", nothing=1)  # type: ignore[call-overload] # noqa: PTH123, SIM115
    missing = "[Errno 2] No such file or directory: "
    assert outcome.result["faults"] == [
        *[f"{missing}'/dev/fd/77'"] * 3,
        f"{missing}'/dev/fd/9999999999999999999999'",
        f"{missing}'/dev/fd/x'",
        "[Errno 17] File exists: '/dev/stdout'",
        "invalid mode: 'q'",
        str(unknown_argument.value),
        "open() missing required argument 'file' (pos 1)",
        "open() missing required argument 'flags' (pos 2)",
        "expected str, bytes or os.PathLike object, not float",
        "'int' object is not callable",
        f"{missing}'/dev/stdin'",
        "[Errno 24] Too many open files: '/dev/stdout'",
    ]


def test_traceback_of_open_has_no_frame_of_the_guest(sandbox: NsjailSandbox) -> None:
    outcome = run_script(
        sandbox,
        """
        import inspect, shutil
        class Opener:
            name = open
            def __fspath__(self):
                seen.append([frame.function for frame in inspect.stack()])
                return "/tmp/none"
        seen = []
        def main():
            try:
                Opener().name(Opener())
            except FileNotFoundError as error:
                trace = error.__traceback__
            return {"frames": trace.tb_next is None, "seen": seen, "removal": shutil.rmtree.avoids_symlink_attacks}
        """,
    )
    assert outcome.result == {"frames": True, "seen": [["__fspath__", "main"]], "removal": True}
