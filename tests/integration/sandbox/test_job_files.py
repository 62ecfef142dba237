"""The files that a client sends are in the working folder when the script starts."""

import os

import pytest

from jobs.files import File
from jobs.limits import FILES, FILES_BYTES, MB, PATH_DEPTH, PATH_PART_BYTES, Limits
from jobs.mode import Mode
from jobs.outcome import ErrorType
from sandbox.errors import SandboxFailure
from sandbox.jail.sandbox import NsjailSandbox
from sandbox.restricted.sandbox import RestrictedSandbox
from tests.support.scripts import error_of, run_script

_SIZES = """
    import os
    def main():
        found = {}
        for folder, _, names in os.walk("."):
            for name in names:
                path = os.path.relpath(os.path.join(folder, name))
                found[path] = os.path.getsize(path)
        return found
    """


@pytest.mark.parametrize("mode", list(Mode))
def test_script_reads_its_files(sandbox: NsjailSandbox, mode: Mode) -> None:
    script = """
        print(open("a.txt").read(), open("/tmp/data/b/c.bin", "rb").read())
        def main(): return {}
        """
    files = (File("a.txt", b"text"), File("data/b/c.bin", b"\0\xff"), File("empty", b""))
    outcome = run_script(sandbox, script, mode=mode, files=files)
    assert (outcome.error, outcome.stdout) == (None, "text b'\\x00\\xff'\n")


def test_script_with_packages_reads_its_files(with_packages: NsjailSandbox) -> None:
    script = "import small\nprint(open('a/b').read())"
    outcome = run_script(
        with_packages, script, mode=Mode.PROGRAM, environment="small", files=(File("a/b", b"text"),)
    )
    assert (outcome.error, outcome.stdout) == (None, "text\n")


def test_script_imports_a_module_and_reads_its_stdin_beside_its_files(sandbox: NsjailSandbox) -> None:
    script = """
        import os, sys, helper, parts.deep
        def main(n): return {"sum": helper.add(n, 1), "deep": parts.deep.NAME, "stdin": sys.stdin.read()}
        """
    files = (
        File("helper.py", b"def add(a, b): return a + b"),
        File("parts/__init__.py", b""),
        File("parts/deep.py", b"NAME = __name__"),
    )
    outcome = run_script(sandbox, script, inputs={"n": 1}, stdin="in", files=files)
    assert (outcome.error, outcome.result) == (None, {"sum": 2, "deep": "parts.deep", "stdin": "in"})


def test_script_changes_and_removes_its_files(sandbox: NsjailSandbox) -> None:
    script = """
        import os
        def main():
            open("a/b", "a").write("more")
            os.unlink("c")
            os.mkdir("a/d")
            return {"a/b": open("a/b").read()}
        """
    outcome = run_script(sandbox, script, files=(File("a/b", b"some"), File("c", b"")))
    assert (outcome.error, outcome.result) == (None, {"a/b": "somemore"})


def test_job_has_as_many_and_as_large_files_as_allowed(sandbox: NsjailSandbox) -> None:
    deep = "/".join(["d" * 60] * (PATH_DEPTH - 1))
    paths = [f"{deep}/{number}" for number in range(FILES - 1)] + ["é" * (PATH_PART_BYTES // 2)]
    size = FILES_BYTES // FILES
    files = tuple(File(path, bytes([number]) * size) for number, path in enumerate(paths))
    outcome = run_script(sandbox, _SIZES, files=files)
    sizes = outcome.result or {}
    assert sizes.pop("script.py") > 0
    assert sizes == dict.fromkeys(paths, size)


def test_message_of_many_packets_comes_before_the_files(sandbox: NsjailSandbox) -> None:
    script = "def main(text): return {'size': len(text), 'file': open('a').read()}"
    outcome = run_script(sandbox, script, inputs={"text": "x" * 300_000}, files=(File("a", b"b"),))
    assert (outcome.error, outcome.result) == (None, {"size": 300_000, "file": "b"})


def test_files_count_as_memory_of_the_job(sandbox: NsjailSandbox) -> None:
    files = (File("large", os.urandom(8 * MB)),)
    with_files = run_script(sandbox, "def main(): return {}", files=files).usage.memory_peak_bytes
    without = run_script(sandbox, "def main(): return {}").usage.memory_peak_bytes
    if with_files is None or without is None:
        pytest.skip("this kernel cannot measure the peak of a job")
    assert with_files - without > 6 * MB


def test_job_ends_at_its_memory_limit_when_its_files_exceed_it(sandbox: NsjailSandbox) -> None:
    # The interpreter counts as 8 MB. With 8 MB of files a job would be right at the limit.
    files = (File("large", bytes(10 * MB)),)
    outcome = run_script(sandbox, "def main(): return {}", files=files, limits=Limits(memory_mb=16))
    assert error_of(outcome)[0] is ErrorType.MEMORY_LIMIT
    assert run_script(sandbox, "def main(): return {'a': 1}").result == {"a": 1}


def test_job_leaves_none_of_its_files_for_the_next_job(sandbox: NsjailSandbox) -> None:
    run_script(sandbox, _SIZES, files=(File("a/b", b"x"),))
    outcome = run_script(sandbox, _SIZES)
    assert outcome.result is not None
    assert list(outcome.result) == ["script.py"]


def test_script_has_no_further_descriptor_when_its_job_has_files_and_artifacts(
    sandbox: NsjailSandbox,
) -> None:
    script = """
        import os
        def main():
            there = []
            for fd in range(256):
                try: os.fstat(fd)
                except OSError: continue
                there.append(fd)
            return {"there": there}
        """
    outcome = run_script(sandbox, script, files=(File("a", b"b"),), artifacts=("*",))
    assert (outcome.error, outcome.result) == (None, {"there": [0, 1, 2, 3]})


@pytest.mark.parametrize("paths", [("a", "a/b"), ("a", "a"), ("script.py",), ("../usr/x",)])
def test_sandbox_fails_before_the_script_when_a_path_is_impossible(
    sandbox: NsjailSandbox, paths: tuple[str, ...]
) -> None:
    """No client can cause this: the API refuses such paths."""
    files = tuple(File(path, b"x") for path in paths)
    with pytest.raises(SandboxFailure, match="the runner failed before the script"):
        run_script(sandbox, "def main(): return {}", files=files)
    assert run_script(sandbox, "def main(): return {'a': 1}").result == {"a": 1}


@pytest.mark.parametrize("fields", [{"files": (File("a", b""),)}, {"artifacts": ("*",)}])
def test_restricted_executor_answers_unsupported_when_a_job_has_files_or_artifacts(
    restricted: RestrictedSandbox, fields: dict[str, object]
) -> None:
    outcome = run_script(restricted, "def main(): return {}", **fields)
    assert error_of(outcome)[0] is ErrorType.UNSUPPORTED
    assert run_script(restricted, "def main(): return {}").result == {}
