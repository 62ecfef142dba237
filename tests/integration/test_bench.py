"""The command `python -m bench`. The quick plans try every step; their figures are not meaningful."""

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench import growth, profile
from harness.python_build import describe_build
from sandbox.isolation import Isolation
from sandbox.packages import Packages
from tests.support.checkout import ROOT


def _run_bench(*arguments: str, **settings: str) -> str:
    with subprocess.Popen(
        [sys.executable, "-m", "bench", "--quick", *arguments],
        cwd=ROOT,
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            output, log = process.communicate()
        finally:
            # Not SIGKILL: the bench must stop the services that it started.
            process.terminate()
    assert process.returncode == 0, log
    return output


# The first run builds the environment that the bench measures.
@pytest.mark.timeout(900)
def test_bench_measures_every_figure_and_writes_the_report(
    nsjail: None, data_packages: Packages, tmp_path: Path
) -> None:
    environments = str(data_packages.folder.parents[1])
    output = _run_bench("--soak", "20", "--into", str(tmp_path), ENVIRONMENTS=environments)
    assert "trivial job, paced: p50 over bare" in output

    summary = json.loads((tmp_path / "bench/results/summary.json").read_text())
    judged = [verdict for verdict in summary["targets"] if verdict["bound"] is not None]
    assert all(isinstance(verdict["met"], bool) for verdict in judged)
    assert {verdict["isolation"] for verdict in judged} == set(Isolation)
    assert {"bare", "cold", "moderate bare"} < set(summary["latency_ms"])
    assert all(0 < spread["p50"] <= spread["p99"] for spread in summary["latency_ms"].values())
    for isolation in Isolation:
        assert f"{isolation} trivial paced" in summary["latency_ms"]
        assert all(burst["rate"] > 0 for burst in summary["throughput"][isolation].values())
        components = summary["cpu_ms"][isolation]["components"]["1"]
        assert {"API", "sandbox", "Redis"} < set(components)
        assert components["API"] > 0
        assert components["sandbox"] > 0
        assert summary["redis_commands"][isolation]["sent"]["EVALSHA"] >= 1
        assert (
            0 < summary["memory_mb"][isolation]["child"] < summary["memory_mb"][isolation]["resident"]["API"]
        )
    assert summary["bare_cpu_ms"]["process"] > 0
    used = summary["profile"]
    for row in (profile.ZYGOTE, profile.ENDED, profile.BARE):
        assert used[row]["user"] + used[row]["system"] > 0
        assert used[row]["faults"] > 0
    assert used["Redis"]["switches"] > 0
    assert used[profile.MACHINE]["switches"] > used["Redis"]["switches"]
    for case in (growth.QUEUED, growth.KEYS, growth.CONNECTIONS):
        assert summary["growth"][case]["size"] > 1
        assert summary["growth"][case]["p50_over_small"] > 0
        assert summary["growth"][case]["rate_over_small"] > 0
    assert all(limits["workers"] > 0 for limits in summary["scaling"]["limits"].values())
    assert all(len(verdict["runs"]) in (0, summary["plan"]["runs"]) for verdict in judged)
    assert summary["soak"][Isolation.SLOT]["jobs"] == 20
    waiting = summary["waiting_requests"]
    assert waiting["statuses"] == {"200": waiting["asked"]}
    assert waiting["waiting"] > waiting["asked"] * 0.9
    packages = summary["packages"]
    assert packages["versions"].keys() >= {"numpy", "pandas", "matplotlib"}
    assert "pandas" in packages["preloaded"][Isolation.SLOT]
    assert packages["preloaded"][Isolation.FRESH] == []
    for program in ("numpy", "pandas", "matplotlib"):
        took = {name: packages["latency_ms"][f"{name} {program}"]["p50"] for name in Isolation}
        assert took[Isolation.SLOT] < took[Isolation.FRESH]
    assert all(megabytes > 0 for megabytes in packages["child"].values())

    page = (tmp_path / "docs/explanation/performance.md").read_text()
    assert page.startswith("# Performance\n\nA trivial script over HTTP takes ")
    assert "| p50 over bare |" in page
    missed = [verdict for verdict in judged if not verdict["met"]]
    assert f"misses {len(missed)} of {len(judged)} targets" in page
    assert page.count("| missed by ") == len(missed)
    assert f"| Python | {describe_build()} |" in page
    assert str(tmp_path) not in page
    assert str(ROOT) not in page
    for plot in ("performance.svg", "performance-packages.svg"):
        assert f"]({plot})" in page
        assert ElementTree.parse(tmp_path / "docs/explanation" / plot).getroot().tag.endswith("svg")


@pytest.mark.timeout(300)
def test_bench_compares_every_figure_of_two_checkouts(nsjail: None) -> None:
    this, other, head, *rows = _run_bench("--against", str(ROOT)).splitlines()
    assert this.partition(": ")[2] == other.partition(": ")[2] == f"{ROOT}, {describe_build()}"
    assert head.split("  ")[0] == "isolation"
    for isolation in Isolation:
        figures = [row.removeprefix(isolation).strip() for row in rows if row.startswith(isolation)]
        for name in (
            *("start until", "memory at rest", "paced: p50", "paced: p95", "back to back: p50", "burst of 8"),
            *(f"CPU of a job, 1 at once, {part}" for part in ("API", "worker", "sandbox", "Redis", "all")),
            "Redis commands per job",
        ):
            [figure] = [figure for figure in figures if figure.startswith(name)]
            values = list(map(float, figure.partition("  ")[2].split()[:2]))
            # The kernel counts CPU time in ticks of 10 ms, so a part of a few jobs can have none.
            lowest = 0 if name.startswith("CPU") and not name.endswith("all") else 1e-6
            assert min(values) >= lowest, figure


def test_bench_says_how_to_build_the_environment_when_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="make environment"):
        _run_bench("--packages", ENVIRONMENTS=str(tmp_path))


def test_bench_refuses_a_checkout_that_is_not_installed(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="make install"):
        _run_bench("--against", str(tmp_path))
