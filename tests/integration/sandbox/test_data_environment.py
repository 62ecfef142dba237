"""The environment `data` in jails: well-known packages, preloaded, warmed up and used."""

from collections.abc import Iterator
from dataclasses import replace

import psutil
import pytest

from config.settings import Settings
from jobs.limits import MB, Limits
from jobs.mode import Mode
from jobs.outcome import ErrorType, Outcome
from sandbox.environment_view import EnvironmentView
from sandbox.guest.package_samples import SAMPLES
from sandbox.guest.package_warmup import PROGRAMS
from sandbox.jail.sandbox import NsjailSandbox
from sandbox.packages import Packages
from tests.support.jail import nsjail_sandbox
from tests.support.scripts import error_of, run_script

_LIMITS = Limits(timeout=60, cpu=60)


@pytest.fixture(scope="module")
def jails(nsjail: None, data_packages: Packages) -> Iterator[NsjailSandbox]:
    """Jails whose zygote preloads what the setting PRELOAD names by default."""
    preload = tuple(Settings.model_fields["preload"].default.split(","))
    with nsjail_sandbox(environments=(replace(data_packages, preload=preload),)) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def data(jails: NsjailSandbox, data_packages: Packages) -> EnvironmentView:
    return EnvironmentView(jails, data_packages.environment)


def _run_program(data: EnvironmentView, script: str) -> Outcome:
    outcome = run_script(data, script, mode=Mode.PROGRAM, limits=_LIMITS)
    assert outcome.exit_code == 0, outcome.error
    return outcome


@pytest.mark.parametrize("program", [*PROGRAMS.values(), *SAMPLES.values()], ids=[*PROGRAMS, *SAMPLES])
def test_warm_up_of_a_package_runs_to_its_end(data: EnvironmentView, program: str) -> None:
    """A zygote or a fork ignores a failure of it."""
    outcome = _run_program(data, program)
    assert (outcome.stdout, outcome.stderr) == ("", "")


def test_job_finds_nothing_of_the_sample_that_ran_before_it(data: EnvironmentView) -> None:
    script = """
        import os, sys
        print(sorted(name for name in globals() if not name.startswith("__")), os.listdir(), sys.path[0])
        print(sys.argv, sys.modules["__main__"].__dict__ is globals(), getattr(sys, "last_value", None))
    """
    outcome = _run_program(data, script)
    assert outcome.stdout == "['os', 'sys'] ['script.py'] /tmp\n['script.py'] True None\n"
    assert outcome.stderr == ""


def test_numpy_draws_other_numbers_in_each_job(data: EnvironmentView) -> None:
    script = """
        import numpy as np, random, sympy.core.random
        state = np.random.get_state(legacy=False)["state"]["key"].tolist()
        print(np.random.rand(), np.random.randn(), np.random.default_rng().random())
        print(random.random(), sympy.core.random.random(), state[1], np.random.get_bit_generator().seed_seq.entropy)
    """
    drawn = [number for _ in range(3) for number in _run_program(data, script).stdout.split()]
    assert len(set(drawn)) == 21


def test_seeded_numpy_draws_the_numbers_of_the_seed(data: EnvironmentView) -> None:
    outcome = _run_program(data, "import numpy as np\nnp.random.seed(1)\nprint(round(np.random.rand(), 6))")
    assert outcome.stdout == "0.417022\n"


def test_matplotlib_finds_no_figure_of_the_warm_up(data: EnvironmentView) -> None:
    script = """
        import os
        import matplotlib, matplotlib.pyplot as plt
        print(plt.get_fignums(), plt.figure().number, matplotlib.get_backend().lower(), os.listdir("/tmp"))
    """
    assert _run_program(data, script).stdout == "[] 1 agg ['script.py']\n"


def test_zygote_has_one_thread_and_no_extra_descriptor(data: EnvironmentView, jails: NsjailSandbox) -> None:
    jails.prepare()
    _run_program(data, "import numpy")
    jails.prepare()
    _run_program(data, "import numpy")
    zygotes = [
        zygote
        for nsjail in psutil.Process().children()
        if nsjail.name() == "nsjail"
        for zygote in nsjail.children()
    ]
    largest = max(zygotes, key=lambda process: process.memory_info().rss)
    assert largest.num_threads() == 1
    assert largest.open_files() == []


def test_job_changes_less_than_25_mb_of_memory_for_numpy(data: EnvironmentView) -> None:
    outcome = _run_program(data, "import numpy as np\na = np.ones((200, 200))\nprint(a.dot(a)[0, 0])")
    assert outcome.usage.memory_peak_bytes is not None
    assert outcome.usage.memory_peak_bytes < (25 + 8) * MB


def test_packages_run_in_processes_of_a_job(data: EnvironmentView) -> None:
    script = """
        import subprocess, sys
        from concurrent.futures import ProcessPoolExecutor
        import numpy as np
        def total(n): return float(np.arange(n).sum())
        if __name__ == "__main__":
            with ProcessPoolExecutor(2) as pool: print(list(pool.map(total, [3, 4])))
            code = "import numpy; print(numpy.ones(3).sum())"
            print(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip())
    """
    assert _run_program(data, script).stdout == "[3.0, 6.0]\n3.0\n"


#: Another program, so that no page of the zygote counts for it. Its files belong to no process.
_SMALL = """
import os, sys
os.execv(sys.executable, [sys.executable, "-c", '''
number = 0
while True:
    with open(f"/tmp/{number}", "wb") as file: file.write(bytes(1 << 20))
    number += 1
'''])
"""


def test_zygote_goes_on_when_a_small_program_exceeds_a_small_limit(data: EnvironmentView) -> None:
    """The kernel counts the pages of libraries for the zygote, and kills the process with the most pages."""
    look = "import numpy\nprint(id(numpy))"
    before = _run_program(data, look).stdout
    outcome = run_script(data, _SMALL, mode=Mode.PROGRAM, limits=replace(_LIMITS, memory_mb=16))
    assert error_of(outcome)[0] == ErrorType.MEMORY_LIMIT
    assert _run_program(data, look).stdout == before
