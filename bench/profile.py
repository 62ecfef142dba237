"""What one trivial job takes of the machine: `python -m bench --profile`.

CPU time, page faults, context switches and calls come from /proc, as differences over many jobs, one at a
time. The kernel adds what an ended process has used to its parent, except for context switches: these are of
the processes that stay, and of the whole machine. The service has slots, so the parent in a jail stays.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Final, Self

import psutil

from bench import load
from bench.plan import SETTINGS
from bench.scripts import TRIVIAL, make_body
from bench.starts import Start, measure_start_cpu
from harness.checkout import Checkout
from harness.components import Component, find_processes
from harness.service import Service, run_whole
from harness.table import format_markdown
from sandbox.isolation import Isolation

#: The rows besides the components.
NSJAIL: Final = "sandbox: nsjail"
ZYGOTE: Final = "sandbox: zygote"
ENDED: Final = "sandbox: processes of the job"
KERNEL: Final = "kernel threads"
MACHINE: Final = "the whole machine, with the client"
BARE: Final = "a bare start"

#: Milliseconds in one tick of the kernel's clock.
_TICK: Final = 10.0


@dataclass(frozen=True, slots=True)
class Usage:
    """What one job or one start used; None if the kernel does not say it.

    Attributes:
        user: CPU milliseconds in the program.
        system: CPU milliseconds in the kernel.
        faults: Page faults that needed no disk.
        switches: Context switches.
        calls: System calls that read or write.
    """

    user: float | None = None
    system: float | None = None
    faults: float | None = None
    switches: float | None = None
    calls: float | None = None

    def __add__(self, other: Self) -> "Usage":
        pairs = zip(astuple(self), astuple(other), strict=True)
        return Usage(*(a if b is None else b if a is None else a + b for a, b in pairs))

    def since(self, before: Self, jobs: int) -> "Usage":
        """Return what one of the jobs used since an earlier count."""
        pairs = zip(astuple(self), astuple(before), strict=True)
        return Usage(*(None if now is None else (now - (then or 0)) / jobs for now, then in pairs))


def measure_profile(bare: Start, jobs: int) -> dict[str, Usage]:
    """Return the rows of the profile: what a job uses by process, and what a bare start uses."""
    # If a zygote ended meanwhile, what it had used would be missing.
    settings = {**SETTINGS, "ISOLATION": Isolation.SLOT, "SLOT_JOBS": str(3 * jobs)}
    with run_whole(Checkout.this(), **settings) as service:
        order = load.Order(service.port, 1, make_body(TRIVIAL).decode(), jobs=jobs)
        load.run(order)
        before = _count(service)
        load.run(order)
        after = _count(service)
    rows = {name: usage.since(before.get(name, Usage()), jobs) for name, usage in after.items()}
    starts = [measure_start_cpu(bare) for _ in range(jobs)]
    rows[BARE] = Usage(
        sum(start.user for start in starts) * 1000 / jobs,
        sum(start.system for start in starts) * 1000 / jobs,
        sum(start.faults for start in starts) / jobs,
        sum(start.switches for start in starts) / jobs,
    )
    return rows


def format_profile(rows: Mapping[str, Usage]) -> str:
    """Return the table of a profile."""
    head = ["", "user ms", "system ms", "page faults", "context switches", "reads and writes"]
    return format_markdown(head, [[name, *_format_usage(usage)] for name, usage in rows.items()])


def _format_usage(usage: Usage) -> Iterator[str]:
    for value, digits in zip(astuple(usage), (2, 2, 0, 1, 1), strict=True):
        yield "–" if value is None else f"{value:.{digits}f}"


def _count(service: Service) -> dict[str, Usage]:
    """Return what each row has used so far."""
    rows: dict[str, Usage] = {}

    def add(name: str, usage: Usage) -> None:
        rows[name] = rows.get(name, Usage()) + usage

    for component, processes in find_processes(service).by_component.items():
        for process in processes:
            # A process of a job can end meanwhile.
            with suppress(OSError, psutil.NoSuchProcess):
                own, ended = _read_process(process.pid)
                name = _name_sandboxed(process) if component is Component.SANDBOX else str(component)
                if name == ENDED:
                    # When it ends, the kernel adds its calls to those of the zygote and forgets its switches.
                    add(ZYGOTE, Usage(calls=own.calls))
                    own = replace(own, switches=None, calls=None)
                add(name, own)
                in_sandbox = component in (Component.SANDBOX, Component.POOL, Component.WORKER)
                add(ENDED if in_sandbox else name, ended)
    system = [psutil.Process(2).children()] if psutil.pid_exists(2) else []
    add(KERNEL, Usage(system=sum(1000 * thread.cpu_times().system for some in system for thread in some)))
    add(MACHINE, Usage(switches=psutil.cpu_stats().ctx_switches))
    return rows


def _name_sandboxed(process: psutil.Process) -> str:
    if process.name() == "nsjail":
        return NSJAIL
    parent = process.parent()
    return ZYGOTE if parent and parent.name() == "nsjail" else ENDED


def _read_process(pid: int) -> tuple[Usage, Usage]:
    """Return what a process has used, and what its ended children have."""
    folder = Path(f"/proc/{pid}")
    # The name of the program, in brackets, can contain spaces.
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    faults, ended_faults = map(int, fields[7:9])
    user, system, ended_user, ended_system = (int(field) * _TICK for field in fields[11:15])
    own = Usage(user, system, faults, _read_switches(folder), _read_calls(folder))
    return own, Usage(ended_user, ended_system, ended_faults)


def _read_switches(folder: Path) -> int:
    lines = [
        line for task in (folder / "task").iterdir() for line in (task / "status").read_text().splitlines()
    ]
    return sum(int(line.split()[1]) for line in lines if "ctxt_switches" in line)


def _read_calls(folder: Path) -> int | None:
    """Return the calls of a process and its ended children; None if another user's are secret."""
    try:
        fields = dict(line.split(": ") for line in (folder / "io").read_text().splitlines())
    except PermissionError:
        return None
    return int(fields["syscr"]) + int(fields["syscw"])
