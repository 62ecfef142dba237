"""The command `python -m bench`: measure this checkout, or compare it with another."""

import argparse
import json
import os
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path

from bench import (
    comparison,
    cost,
    latency,
    machine,
    memory,
    package_report,
    packages,
    profile,
    report,
    soak,
    starts,
    throughput,
)
from bench.figures import Figures
from bench.growth import measure_growth
from bench.idle_streams import measure_idle_streams
from bench.paired_figures import format_figures
from bench.plan import COMPARISON, FULL, QUICK, QUICK_COMPARISON, SETTINGS, Plan
from bench.run import Run
from bench.scaling import measure_scaling
from bench.targets import Verdict, judge, judge_packages
from bench.waiting_requests import measure_waiting_requests
from config.settings import load_settings
from harness.checkout import ROOT, Checkout
from harness.service import Service, run_whole
from harness.signals import exit_on_sigterm
from harness.together import enter_all
from sandbox.isolation import Isolation


def main() -> None:
    """Measure this checkout and write the report, or compare it with another checkout."""
    options = _parse_options()
    with exit_on_sigterm():
        plan = replace(QUICK if options.quick else FULL, soak=options.soak)
        if options.against:
            _compare(options.against, quick=options.quick)
        elif options.profile:
            _print_profile(plan)
        elif options.packages:
            _measure_packages(plan)
        else:
            _measure_and_report(plan, options.into or (None if options.quick else ROOT))


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Measure speed and cost of the service."
    )
    parser.add_argument("--quick", action="store_true", help="try every step, within a minute; write nothing")
    parser.add_argument(
        "--soak", type=int, default=0, metavar="JOBS", help="also run this many jobs in a row"
    )
    parser.add_argument("--into", type=Path, metavar="FOLDER", help="the folder for docs and bench/results")
    parser.add_argument(
        "--packages", action="store_true", help="measure only jobs with packages; write nothing"
    )
    parser.add_argument(
        "--profile", action="store_true", help="print only what one job uses by process; write nothing"
    )
    parser.add_argument(
        "--against", type=Path, metavar="DIR", help="compare with this checkout instead; write nothing"
    )
    return parser.parse_args()


def _compare(folder: Path, *, quick: bool) -> None:
    plan = QUICK_COMPARISON if quick else COMPARISON
    other = Checkout.at(folder)
    figures = comparison.compare(other, plan, _print_step)
    print(comparison.describe_checkouts(other))
    print(format_figures(figures))


def _measure_packages(plan: Plan) -> None:
    found = packages.find_packages(load_settings().environments)
    with ExitStack() as stack:
        services = _start_services(stack, plan)
        _print_step("packages")
        figures = packages.measure(found, services, plan)
    print("\n\n".join(package_report.format_section(figures)))
    print(report.format_terminal(judge_packages(figures)))


def _measure_and_report(plan: Plan, folder: Path | None) -> None:
    figures = _measure(plan)
    verdicts = judge(figures)
    print(report.format_terminal(verdicts))
    if folder:
        _write(folder, figures, verdicts, plan)


def _measure(plan: Plan) -> Figures:
    load_before = os.getloadavg()[0]
    found = packages.find_packages(load_settings().environments)
    runs: list[Run] = []
    with starts.prepare(load_settings()) as commands:
        for number in range(plan.runs):
            _print_step(f"run {number + 1} of {plan.runs}")
            with ExitStack() as stack:
                services = _start_services(stack, plan)
                runs.append(_measure_run(commands, services, plan))
                if number + 1 < plan.runs:
                    continue
                sent = {
                    isolation: cost.count_commands(service, plan.counted_jobs)
                    for isolation, service in services.items()
                }
                soaks = {}
                if plan.soak:
                    _print_step("soak")
                    # Only with slot isolation do processes of the sandbox stay from one job to the next.
                    soaks[Isolation.SLOT] = soak.run_soak(services[Isolation.SLOT], plan.soak)
                _print_step("packages")
                with_packages = packages.measure(found, services, plan)
        _print_step("profile")
        used = profile.measure_profile(commands.bare, plan.profile_jobs)
    _print_step("waiting requests")
    waiting = measure_waiting_requests(plan)
    _print_step("idle streams")
    streams = measure_idle_streams(plan)
    _print_step("growth")
    growth = measure_growth(plan)
    _print_step("three workers")
    scaling = measure_scaling(plan)
    _print_step("end")
    return Figures(runs, sent, used, waiting, streams, growth, scaling, with_packages, soaks, load_before)


def _measure_run(commands: starts.Starts, services: dict[Isolation, Service], plan: Plan) -> Run:
    resident = {isolation: memory.measure_idle(service) for isolation, service in services.items()}
    samples = latency.measure(commands, services, plan)
    bursts = throughput.measure(commands, services, plan)
    bare_cpu, costs = cost.measure_cpu(commands.bare, services, plan)
    ready = {isolation: service.ready_seconds for isolation, service in services.items()}
    return Run(samples, bursts, ready, costs, bare_cpu, resident)


def _print_profile(plan: Plan) -> None:
    with starts.prepare(load_settings()) as commands:
        print(profile.format_profile(profile.measure_profile(commands.bare, plan.profile_jobs)))


def _start_services(stack: ExitStack, plan: Plan) -> dict[Isolation, Service]:
    runs = {isolation: run_whole(Checkout.this(), ISOLATION=isolation, **SETTINGS) for isolation in Isolation}
    return enter_all(stack, runs, together=plan.together)


def _write(folder: Path, figures: Figures, verdicts: list[Verdict], plan: Plan) -> None:
    described = machine.describe_machine()
    docs, results = folder / "docs" / "explanation", folder / "bench" / "results"
    docs.mkdir(parents=True, exist_ok=True)
    results.mkdir(parents=True, exist_ok=True)
    (docs / "performance.md").write_text(report.format_page(figures, verdicts, described))
    (docs / "performance.svg").write_text(report.draw_plot(figures))
    (docs / "performance-packages.svg").write_text(package_report.draw_plot(figures.packages))
    summary = {
        "machine": described,
        "plan": asdict(plan),
        "targets": [{**asdict(verdict), "met": verdict.met} for verdict in verdicts],
        **figures.summarize(),
    }
    (results / "summary.json").write_text(json.dumps(summary, indent=1) + "\n")
    (results / "raw.json").write_text(
        json.dumps(
            {
                "runs": [{"samples": run.samples, "bursts": asdict(run.bursts)} for run in figures.runs],
                "packages": figures.packages.samples,
                "growth": asdict(figures.growth),
            }
        )
    )


def _print_step(step: str) -> None:
    print(f"bench: {step} ({time.strftime('%T')})", file=sys.stderr, flush=True)


main()
