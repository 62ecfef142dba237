"""Measure: `python -m bench [--quick] [--soak JOBS] [--into FOLDER]`."""

import argparse
import json
import os
import signal
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path

from bench import cost, latency, machine, memory, report, soak, starts, throughput
from bench.figures import Figures
from bench.held import held
from bench.plan import FULL, QUICK, Plan
from bench.service import ROOT, running
from bench.targets import Verdict, judged
from config.settings import load_settings
from sandbox.isolation import Isolation


def main() -> None:
    """Measure everything, say how it stands with the targets, write it down."""
    # A signal unwinds the stack, so that no service is left running.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    options = _options()
    plan = replace(QUICK if options.quick else FULL, soak=options.soak)
    into = options.into or (None if options.quick else ROOT)
    figures = _measured(plan)
    verdicts = judged(figures)
    print(report.terminal(verdicts))
    if into:
        _write(into, figures, verdicts, plan)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Measure speed and cost of the service."
    )
    parser.add_argument("--quick", action="store_true", help="try every step, within a minute; write nothing")
    parser.add_argument("--soak", type=int, default=0, metavar="JOBS", help="also run so many jobs in a row")
    parser.add_argument(
        "--into", type=Path, metavar="FOLDER", help="where docs and bench/results are written"
    )
    return parser.parse_args()


def _measured(plan: Plan) -> Figures:
    load_before = os.getloadavg()[0]
    with ExitStack() as stack:
        _say("preparing")
        commands = stack.enter_context(starts.prepared(load_settings()))
        services = {isolation: stack.enter_context(running(ISOLATION=isolation)) for isolation in Isolation}
        _say("memory")
        resident = {isolation: memory.idle(service) for isolation, service in services.items()}
        _say("latency")
        samples = latency.sampled(commands, services, plan)
        _say("throughput")
        bursts = throughput.measured(commands, services, plan)
        _say("cost")
        costs = {isolation: cost.cpu(service, plan) for isolation, service in services.items()}
        sent = {isolation: cost.commands(service, plan) for isolation, service in services.items()}
        if plan.soak:
            _say("soak")
        # Slots only: they are what lasts from job to job.
        lasting = {Isolation.SLOT: services[Isolation.SLOT]} if plan.soak else {}
        soaks = {name: soak.soaked(service, plan.soak) for name, service in lasting.items()}
    _say("starts")
    ready = {
        isolation: [service.ready_after, *(_start(isolation) for _ in range(plan.starts))]
        for isolation, service in services.items()
    }
    _say("waiting requests")
    return Figures(samples, bursts, ready, costs, sent, resident, held(plan), soaks, load_before)


def _start(isolation: Isolation) -> float:
    with running(ISOLATION=isolation) as service:
        return service.ready_after


def _write(into: Path, figures: Figures, verdicts: list[Verdict], plan: Plan) -> None:
    found = machine.described()
    docs, results = into / "docs", into / "bench" / "results"
    docs.mkdir(parents=True, exist_ok=True)
    results.mkdir(parents=True, exist_ok=True)
    (docs / "performance.md").write_text(report.page(figures, verdicts, found, "make bench"))
    (docs / "performance.svg").write_text(report.drawing(figures))
    summary = {
        "machine": found,
        "plan": asdict(plan),
        "targets": [{**asdict(verdict), "met": verdict.met} for verdict in verdicts],
        **figures.summary(),
    }
    (results / "summary.json").write_text(json.dumps(summary, indent=1) + "\n")
    (results / "raw.json").write_text(
        json.dumps({"samples": figures.samples, "bursts": asdict(figures.bursts)})
    )


def _say(step: str) -> None:
    print(f"bench: {step} ({time.strftime('%T')})", file=sys.stderr, flush=True)


main()
