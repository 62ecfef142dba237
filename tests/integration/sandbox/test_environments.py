"""Environments in jails: which packages a job finds, what a zygote preloads, and what it must not leave."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import markupsafe
import psutil
import pytest

from jobs.job import Job
from jobs.limits import Limits
from jobs.outcome import ErrorType, Outcome, SandboxKind
from sandbox.environment_check import check
from sandbox.errors import SandboxFailure
from sandbox.isolation import Isolation
from sandbox.jail.root import SITE_PACKAGES
from sandbox.jail.sandbox import NsjailSandbox
from sandbox.packages import Packages
from selftest import catalogue, startup
from selftest.finding import run_probe
from selftest.probe import Probe
from tests.support.jail import nsjail_sandbox
from tests.support.packages import libraries_of, made_packages
from tests.support.scripts import error_of, run_script

_MODULES = {
    # It does what packages do when they are imported, and leaves a file and a thread that ends.
    "small": """
        import atexit, os, random, sys, tempfile, threading
        drawing = random.Random()
        with open("/tmp/left", "w") as file:
            file.write("x")
        os.makedirs("/tmp/.config/small")
        imported_by = os.getpid()
        timer = threading.Timer(60, print)
        timer.start()
        timer.cancel()
        forks = []
        os.register_at_fork(before=lambda: forks.append("before"), after_in_child=lambda: forks.append("child"))
        def fail():
            if os.getpid() == imported_by:
                raise LookupError("a hook that fails in the zygote")
        os.register_at_fork(before=fail)
        """,
    "large": "data = bytes(range(256)) * (100 << 12)",
    "unused": "",
}
_PRELOAD = ("small", "large", "markupsafe._speedups")

#: Probes of one job whose script only defines functions, so that it can be a module.
_AREAS = ("files", "network", "processes", "secrets", "syscalls")
_PROBES = [
    probe
    for probe in catalogue.probes(SandboxKind.NSJAIL)
    if probe.area in _AREAS and len(probe.jobs) == 1 and "__main__" not in probe.jobs[0].script
]


def _module_of(probe: Probe) -> str:
    return f"probe_{probe.name}".replace("-", "_")


@pytest.fixture(scope="module", params=list(Isolation))
def both(nsjail: None, request: pytest.FixtureRequest) -> Iterator[NsjailSandbox]:
    """A sandbox of each isolation with the environments `small` and `other`."""
    with ExitStack() as stack:
        folder = Path(markupsafe.__path__[0])
        small = made_packages(
            _MODULES,
            folders=(folder,),
            libraries=libraries_of(folder),
            preload=_PRELOAD,
            variables=(("OMP_NUM_THREADS", "1"),),
        )
        other = made_packages({"elsewhere": ""}, environment="other")
        environments = tuple(map(stack.enter_context, (small, other)))
        yield stack.enter_context(nsjail_sandbox(request.param, slot_jobs=20, environments=environments))


@pytest.fixture(scope="module")
def slot(nsjail: None) -> Iterator[NsjailSandbox]:
    with (
        made_packages(_MODULES, preload=("small", "large")) as small,
        nsjail_sandbox(environments=(small,)) as sandbox,
    ):
        yield sandbox


def _small(sandbox: NsjailSandbox, script: str, **fields: object) -> Outcome:
    return run_script(sandbox, script, environment="small", **fields)


def test_job_imports_the_packages_of_its_own_environment_only(both: NsjailSandbox) -> None:
    script = """
        import importlib.util, os
        def main(): return {name: bool(importlib.util.find_spec(name)) for name in ("small", "unused", "elsewhere")}
    """
    found = {name: run_script(both, script, environment=name).result for name in ("stdlib", "small", "other")}
    assert found == {
        "stdlib": {"small": False, "unused": False, "elsewhere": False},
        "small": {"small": True, "unused": True, "elsewhere": False},
        "other": {"small": False, "unused": False, "elsewhere": True},
    }


def test_job_imports_a_module_in_machine_code(both: NsjailSandbox) -> None:
    outcome = _small(
        both,
        """
        from markupsafe import _speedups, escape
        def main(): return {"escaped": str(escape("<a>")), "file": _speedups.__file__.rpartition("/")[0]}
        """,
    )
    assert outcome.result == {"escaped": "&lt;a&gt;", "file": f"{SITE_PACKAGES}/markupsafe"}


def test_folder_of_packages_is_the_last_in_the_path_and_empty_for_the_standard_library(
    both: NsjailSandbox,
) -> None:
    script = (
        "import os, sys\ndef main(): return {'path': sys.path, 'there': os.listdir(sys.argv[0] and '%s')}"
    )
    with_packages = _small(both, script % SITE_PACKAGES).result or {}
    without = run_script(both, script % SITE_PACKAGES).result or {}
    assert with_packages["path"] == [*without["path"], SITE_PACKAGES]
    assert (sorted(with_packages["there"])[:1], without["there"]) == (["large.py"], [])


def test_packages_are_read_only_and_without_special_files(both: NsjailSandbox) -> None:
    outcome = _small(
        both,
        f"""
        import errno, os
        def main():
            try: open("{SITE_PACKAGES}/small.py", "a")
            except OSError as error: refused = errno.errorcode[error.errno]
            flags = os.statvfs("{SITE_PACKAGES}").f_flag
            return {{"refused": refused, "flags": bool(flags & os.ST_RDONLY and flags & os.ST_NOSUID and flags & os.ST_NODEV)}}
        """,
    )
    assert outcome.result is not None
    assert outcome.result["refused"] in ("EROFS", "EACCES")
    assert outcome.result["flags"]


def test_job_of_an_unknown_environment_is_a_failure_of_the_sandbox(both: NsjailSandbox) -> None:
    with pytest.raises(SandboxFailure, match="no environment away"):
        both.run(Job("def main(): return {}", environment="away"))
    assert both.run(Job("def main(): return {}")).result == {}


def test_outcome_names_the_digest_of_the_environment(both: NsjailSandbox) -> None:
    digests = [
        run_script(both, "def main(): return {}", environment=name).environment_digest
        for name in ("stdlib", "small", "other")
    ]
    assert digests == [None, "sha256:small", "sha256:other"]


def test_job_has_the_variables_of_its_environment(both: NsjailSandbox) -> None:
    script = "import os\ndef main(): return dict(os.environ)"
    plain = run_script(both, script).result or {}
    assert _small(both, script).result == {**plain, "OMP_NUM_THREADS": "1"}


def test_modules_are_preloaded_in_a_slot_and_imported_in_a_fresh_jail(
    both: NsjailSandbox, request: pytest.FixtureRequest
) -> None:
    script = """
        import os, sys
        def main():
            before = "small" in sys.modules
            import small
            return {"before": before, "own": small.imported_by == os.getpid()}
    """
    preloaded = request.node.callspec.params["both"] is Isolation.SLOT
    assert _small(both, script).result == {"before": preloaded, "own": not preloaded}


def test_preloaded_module_leaves_nothing_in_the_folder_of_a_job(slot: NsjailSandbox) -> None:
    for _ in range(2):
        outcome = _small(slot, "import os\ndef main(): return {'there': os.listdir('/tmp')}")
        assert outcome.result == {"there": ["script.py"]}


def test_generators_of_preloaded_modules_draw_other_numbers_in_each_job(both: NsjailSandbox) -> None:
    script = "import random, small\ndef main(): return {'drawn': [small.drawing.random(), random.random()]}"
    drawn = [number for _ in range(4) for number in (_small(both, script).result or {})["drawn"]]
    assert len(set(drawn)) == 8


def test_fork_hooks_of_preloaded_modules_run_in_each_job(slot: NsjailSandbox) -> None:
    script = """
        import os, small
        def main():
            before, pipe = small.forks[-2:], os.pipe()
            if os.fork() == 0:
                os.write(pipe[1], ",".join(small.forks[-2:]).encode())
                os._exit(0)
            os.wait()
            return {"runner": before, "own": os.read(pipe[0], 100).decode()}
    """
    for _ in range(2):
        assert _small(slot, script).result == {"runner": ["before", "child"], "own": "before,child"}


def test_zygote_with_packages_has_one_thread(slot: NsjailSandbox) -> None:
    slot.prepare()
    assert _small(slot, "import small\ndef main(): return {}").error is None
    inside = [
        process
        for nsjail in psutil.Process().children()
        if nsjail.name() == "nsjail"
        for process in nsjail.children(recursive=True)
    ]
    assert inside
    assert {process.num_threads() for process in inside} == {1}


def test_memory_of_a_job_does_not_count_preloaded_modules(slot: NsjailSandbox) -> None:
    fits = "import large\ndef main():\n    return {'x': len(b'x' * (30 << 20)), 'y': len(large.data)}"
    outcome = _small(slot, fits, limits=Limits(memory_mb=64))
    assert outcome.result == {"x": 30 << 20, "y": 100 << 20}
    assert outcome.usage.memory_peak_bytes is not None
    assert 30 << 20 < outcome.usage.memory_peak_bytes < 64 << 20
    outcome = _small(
        slot, "def main():\n    return {'x': len(b'x' * (80 << 20))}", limits=Limits(memory_mb=64)
    )
    assert error_of(outcome)[0] == ErrorType.MEMORY_LIMIT


@pytest.mark.parametrize(
    "hog",
    [
        "held = b'x' * (80 << 20)",
        "import os\nfor _ in range(4): os.fork()\nheld = b'x' * (9 << 20)\nwhile True: pass",
        "file = open('/tmp/file', 'wb')\nwhile True: file.write(bytes(1 << 20))",
    ],
    ids=["one", "many", "file"],
)
def test_zygote_goes_on_when_a_job_exceeds_its_memory(slot: NsjailSandbox, hog: str) -> None:
    """Another zygote would have to import the packages again."""
    look = "import small\ndef main(): return {'layout': id(small)}"
    before = _small(slot, look).result
    outcome = _small(slot, f"{hog}\ndef main(): return {{}}", limits=Limits(memory_mb=48))
    assert error_of(outcome)[0] == ErrorType.MEMORY_LIMIT
    zygotes = len(_zygotes())
    assert _small(slot, look).result == before
    assert len(_zygotes()) == zygotes


#: It holds files in memory, unmaps all but a page of its own, and goes on to write from there.
_TINY = """
import ctypes, mmap, os, struct
libc = ctypes.CDLL(None)
held = [os.memfd_create("held") for _ in range(2)]
for fd in held: os.posix_fallocate(fd, 0, 20 << 20)
file = os.open("/tmp/file", os.O_CREAT | os.O_WRONLY)
page = mmap.mmap(-1, 4096, prot=7)
start = ctypes.addressof(ctypes.c_char.from_buffer(page))
try:
    # The kernel writes to the memory of restartable sequences (rseq) of a process that has it.
    libc.pthread_self.restype = ctypes.c_void_p
    rseq = libc.pthread_self() + ctypes.c_ssize_t.in_dll(libc, "__rseq_offset").value
    libc.syscall(334, ctypes.c_void_p(rseq), 32, 1, 0x53053053)
except ValueError:
    pass
def call(number, *arguments):
    registers = zip((b"\\x48\\xb8", b"\\x48\\xbf", b"\\x48\\xbe", b"\\x48\\xba"), (number, *arguments))
    return b"".join(register + struct.pack("<Q", value) for register, value in registers) + b"\\x0f\\x05"
above = start + 4096
unmap = call(11, 4096, start - 4096) + call(11, above, 0x7ffffffff000 - above)
write = call(1, file, start, 4096)
page[:] = (unmap + write + b"\\xe9" + struct.pack("<i", -len(write) - 5)).ljust(4096)
ctypes.CFUNCTYPE(None)(start)()
"""


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the job is a program of x86-64")
def test_zygote_goes_on_when_a_job_that_is_smaller_than_nsjail_exceeds_its_memory(
    slot: NsjailSandbox,
) -> None:
    look = "import small\ndef main(): return {'layout': id(small)}"
    before = _small(slot, look).result
    zygotes = {zygote.pid for zygote in _zygotes()}
    outcome = _small(slot, f"{_TINY}\ndef main(): return {{}}", limits=Limits(memory_mb=64))
    assert error_of(outcome)[0] == ErrorType.MEMORY_LIMIT
    assert _small(slot, look).result == before
    assert {zygote.pid for zygote in _zygotes()} == zygotes


def _zygotes() -> list[psutil.Process]:
    return [
        zygote
        for nsjail in psutil.Process().children()
        if nsjail.name() == "nsjail"
        for zygote in nsjail.children()
    ]


def test_traceback_shows_the_frames_of_a_package_without_the_path_of_the_library(both: NsjailSandbox) -> None:
    outcome = _small(both, "import small\ndef main():\n    small.drawing.sample(3, 5)")
    assert error_of(outcome)[0] == ErrorType.EXCEPTION
    assert outcome.error is not None
    assert '  File "script.py", line 3, in main\n' in (outcome.error.traceback or "")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import away", "No module named 'away'"),
        ("file = open(__file__)", "leave 1 descriptors open"),
        ("import threading, time\nthreading.Thread(target=time.sleep, args=[600], daemon=True).start()", "leave a thread running"),
        ("raise SystemExit", "broken cannot be preloaded, so take it out of PRELOAD: SystemExit"),
    ],
    ids=["missing", "descriptor", "thread", "exit"],
)  # fmt: skip
def test_environment_is_broken_when_it_cannot_be_preloaded(nsjail: None, text: str, reason: str) -> None:
    with (
        made_packages({"broken": text}, environment="broken", preload=("broken",)) as broken,
        made_packages({"fine": ""}, environment="fine", preload=("fine",)) as fine,
        nsjail_sandbox(environments=(broken, fine)) as sandbox,
    ):
        fault = check(sandbox, broken, startup.verify)
        sandbox.drop("broken")
        assert check(sandbox, fine, startup.verify) is None
        assert run_script(sandbox, "import fine\ndef main(): return {}", environment="fine").result == {}
        with pytest.raises(SandboxFailure, match="no environment broken"):
            sandbox.run(Job("def main(): return {}", environment="broken"))
    assert fault is not None
    assert reason in fault
    assert "the runner ended before it was ready" in fault
    assert "Traceback" not in fault


def test_environment_is_broken_when_its_folder_is_gone(nsjail: None, tmp_path: Path) -> None:
    gone = Packages("gone", "sha256:gone", tmp_path / "gone")
    with nsjail_sandbox(environments=(gone,)) as sandbox:
        assert check(sandbox, gone, startup.verify)
        assert run_script(sandbox, "def main(): return {}").result == {}


@pytest.fixture(scope="module")
def probes_as_packages(nsjail: None) -> Iterator[NsjailSandbox]:
    """A sandbox whose packages are the scripts of probes."""
    texts = {_module_of(probe): probe.jobs[0].script for probe in _PROBES}
    with (
        made_packages(texts, preload=tuple(texts)) as small,
        nsjail_sandbox(environments=(small,)) as sandbox,
    ):
        yield sandbox


@pytest.mark.parametrize("probe", _PROBES, ids=lambda probe: probe.name)
def test_code_of_a_preloaded_package_reaches_no_more_than_a_script(
    probes_as_packages: NsjailSandbox, probe: Probe
) -> None:
    script = f"from {_module_of(probe)} import main"
    jobs = tuple(replace(job, script=script, environment="small") for job in probe.jobs)
    finding = run_probe(probes_as_packages, replace(probe, jobs=jobs))
    assert finding.passed, finding.seen
