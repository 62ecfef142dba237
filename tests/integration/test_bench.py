"""The measuring tool: that every step of it works. What it measures here is worth nothing."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sandbox.isolation import Isolation
from tests.support.checkout import ROOT


@pytest.mark.timeout(300)
def test_a_quick_run_measures_everything_and_writes_it_down(nsjail: None, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "bench", "--quick", "--soak", "20", "--into", str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            said, complained = process.communicate()
        finally:
            # Not killed: it has a whole service to stop.
            process.terminate()
    assert process.returncode == 0, complained
    assert "trivial job, paced: p50 over bare" in said

    summary = json.loads((tmp_path / "bench/results/summary.json").read_text())
    judged = [verdict for verdict in summary["targets"] if verdict["bound"] is not None]
    assert all(isinstance(verdict["met"], bool) for verdict in judged)
    assert {verdict["isolation"] for verdict in judged} == set(Isolation)
    assert {"bare", "cold", "moderate bare"} < set(summary["latency_ms"])
    assert all(0 < spread["p50"] <= spread["p99"] for spread in summary["latency_ms"].values())
    for isolation in Isolation:
        assert f"{isolation} trivial paced" in summary["latency_ms"]
        assert all(burst["rate"] > 0 for burst in summary["throughput"][isolation].values())
        parts = summary["cpu_ms"][isolation]["parts"]["1"]
        assert {"API", "sandbox", "Redis"} < set(parts)
        assert parts["API"] > 0
        assert parts["sandbox"] > 0
        assert summary["redis_commands"][isolation]["sent"]["EVALSHA"] >= 1
        assert (
            0 < summary["memory_mb"][isolation]["child"] < summary["memory_mb"][isolation]["resident"]["API"]
        )
    assert summary["soak"][Isolation.SLOT]["jobs"] == 20
    assert summary["held"]["statuses"] == {"200": summary["held"]["asked"]}
    assert summary["held"]["waiting"] > summary["held"]["asked"] * 0.9

    page = (tmp_path / "docs/performance.md").read_text()
    assert "| p50 over bare |" in page
    assert str(tmp_path) not in page
    assert str(ROOT) not in page
    assert ElementTree.parse(tmp_path / "docs/performance.svg").getroot().tag.endswith("svg")
