"""The memory peak of a job, and where its limit stops it, do not depend on the kernel's page cache."""

import os
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from jobs.limits import MB, Limits
from jobs.outcome import ErrorType
from sandbox.isolation import Isolation
from sandbox.jail.sandbox import NsjailSandbox
from sandbox.restricted.sandbox import RestrictedSandbox
from tests.support.jail import nsjail_factory
from tests.support.scripts import error_of, run_script

_IMPORTS: Final = "import asyncio, decimal, email.message, http.client, sqlite3, unittest, xml.dom.minidom"

_SCRIPTS: Final = {
    "trivial": "def main(): return {}",
    "one-megabyte": "def main():\n    b'x' * (1 << 20)\n    return {}",
    "eight-megabytes": "def main():\n    b'x' * (8 << 20)\n    return {}",
    "touched-pages": """
        def main():
            x = bytearray(64 * 2**20)
            for i in range(0, len(x), 4096):
                x[i] = 1
            return {}
    """,
    "200-megabytes": "def main():\n    b'x' * (200 << 20)\n    return {}",
    "imports": f"{_IMPORTS}\ndef main(): return {{}}",
    "files": """
        def main():
            with open("/tmp/file", "wb") as file:
                for _ in range(20):
                    file.write(bytes(1 << 20))
            return {}
    """,
    "children": """
        import os
        def main():
            filled, report = os.pipe()
            waiting, end = os.pipe()
            for _ in range(4):
                if os.fork() == 0:
                    os.close(end)
                    kept = b"x" * (8 << 20)
                    os.write(report, b"x")
                    os.read(waiting, 1)
                    os._exit(0)
            count = 0
            while count < 4:
                count += len(os.read(filled, 4))
            os.close(end)
            return {}
    """,
}

_FILL: Final = "def main(megabytes):\n    b'x' * (megabytes << 20)\n    return {}"
_SMALL: Final = Limits(memory_mb=64)


#: How much the peaks of a script may differ, besides a tenth. The kernel frees memory of the last job late, and the
#: worker waits only for what is more than 2 MB. And the kernel charges 256 KB ahead for each CPU
#: (MEMCG_CHARGE_BATCH in its memcontrol.h), which may or may not be so at the begin and at the peak.
_NOISE: Final = 2.5 * MB


@pytest.fixture
def one_cpu() -> Iterator[None]:
    """Run the jails of this thread on one CPU, because each CPU more adds noise."""
    cpus = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cpus)})
    yield
    os.sched_setaffinity(0, cpus)


@pytest.mark.parametrize("isolation", Isolation)
def test_memory_peak_and_limit_of_a_script_are_the_same_on_every_jail_whatever_the_page_cache_did(
    nsjail: None, one_cpu: None, isolation: Isolation
) -> None:
    seen: dict[str, list[int]] = defaultdict(list)
    ends = set()
    with nsjail_factory(isolation) as (create, root):

        @contextmanager
        def new_jails() -> Iterator[NsjailSandbox]:
            """Make jails that nothing has used, run every script twice, and look where the limit is."""
            with closing(create()) as sandbox:
                yield sandbox
                jobs: list[tuple[str, str, Limits, dict[str, Any]]] = [
                    (name, script, Limits(timeout=20), {}) for name, script in _SCRIPTS.items()
                ]
                jobs += [
                    (f"{filled} of {most} MB", _FILL, Limits(memory_mb=most), {"megabytes": filled})
                    for filled, most in ((6, 16), (11, 16), (54, 64), (60, 64))
                ]
                for name, script, limits, inputs in jobs * 2:
                    outcome = run_script(sandbox, script, limits=limits, inputs=inputs)
                    ends.add((name, outcome.error and outcome.error.type))
                    assert outcome.usage.memory_peak_bytes is not None
                    seen[name].append(outcome.usage.memory_peak_bytes)

        with new_jails():
            pass
        # The first jail after this reads the library and is charged for its pages.
        _drop_page_cache(root)
        with new_jails() as sandbox:
            run_script(sandbox, _SCRIPTS["imports"])
        with new_jails() as sandbox:
            # Ends the jail; the pages that it was charged for are still in use.
            assert error_of(run_script(sandbox, _FILL, inputs={"megabytes": 80}, limits=_SMALL))[0] == (
                ErrorType.MEMORY_LIMIT
            )
        _drop_page_cache(root)
        with new_jails() as sandbox:
            sandbox.prepare()
            _drop_page_cache(root)
            run_script(sandbox, _SCRIPTS["trivial"])
            _drop_page_cache(root)
    varying = {
        name: peaks for name, peaks in seen.items() if max(peaks) > max(min(peaks) * 1.1, min(peaks) + _NOISE)
    }
    assert not varying, f"peaks that vary: {varying}"
    assert {name for name, error in ends if error} == {"11 of 16 MB", "60 of 64 MB"}
    assert len(ends) == len(seen), ends


def test_memory_peak_is_the_same_on_every_run_and_near_to_that_of_a_jail_when_a_job_is_restricted(
    sandbox: NsjailSandbox, restricted: RestrictedSandbox
) -> None:
    for name in ("trivial", "one-megabyte", "eight-megabytes", "touched-pages", "200-megabytes"):
        peaks = [run_script(restricted, _SCRIPTS[name]).usage.memory_peak_bytes or 0 for _ in range(5)]
        assert max(peaks) <= min(peaks) * 1.1, (name, peaks)
        jailed = run_script(sandbox, _SCRIPTS[name]).usage.memory_peak_bytes
        assert peaks[0] == pytest.approx(jailed, abs=2 * MB + _NOISE)


def test_memory_peak_counts_children_and_files_of_the_job(one_cpu: None, sandbox: NsjailSandbox) -> None:
    peaks = {name: run_script(sandbox, script).usage.memory_peak_bytes for name, script in _SCRIPTS.items()}
    added = {name: (peak or 0) // MB - (peaks["trivial"] or 0) // MB for name, peak in peaks.items()}
    expected = {
        "one-megabyte": 1,
        "eight-megabytes": 8,
        "touched-pages": 64,
        "200-megabytes": 200,
        "files": 20,
    }
    assert {name: round(added[name]) for name in expected} == pytest.approx(expected, abs=3)
    assert added["children"] == pytest.approx(35, abs=5)


def _drop_page_cache(root: Path) -> None:
    """Make the kernel forget the files of a root, except pages that a process has mapped."""
    for folder, _, names in os.walk(root):
        for name in names:
            try:
                fd = os.open(Path(folder, name), os.O_RDONLY | os.O_NOFOLLOW)
            except OSError:
                continue
            # Only pages that are on the disk can be dropped.
            os.fsync(fd)
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(fd)
