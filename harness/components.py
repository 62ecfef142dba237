"""The processes of a running service, by component."""

from dataclasses import dataclass
from enum import StrEnum

import psutil

from harness.service import Service


class Component(StrEnum):
    """The purpose of a process."""

    API = "API"
    WORKER = "worker, main process"
    POOL = "worker, pool"
    SANDBOX = "sandbox"
    REDIS = "Redis"
    RUN = "make run"


@dataclass(frozen=True, slots=True)
class Processes:
    """The processes of a service; each belongs to one component."""

    by_component: dict[Component, list[psutil.Process]]

    @property
    def all(self) -> list[psutil.Process]:
        """Every process."""
        return [process for some in self.by_component.values() for process in some]

    def waiting_runners(self) -> list[psutil.Process]:
        """Return the runners that wait for a job: the youngest child of each deepest parent in a sandbox.

        In a slot the same parent, the zygote, has an older child: the sleeper, process 1 of the per-job PID
        namespace.
        """
        families = [process.children() for process in self.by_component[Component.SANDBOX]]
        last = [family for family in families if family and not any(child.children() for child in family)]
        return [max(family, key=lambda child: (child.create_time(), child.pid)) for family in last]


def find_processes(service: Service) -> Processes:
    """Return the processes that exist now."""
    found: dict[Component, list[psutil.Process]] = {component: [] for component in Component}
    for process in service.processes.values():
        if process.pid is not None:
            _add_tree(process.pid, found)
    return Processes(found)


def _add_tree(pid: int, found: dict[Component, list[psutil.Process]]) -> None:
    try:
        _add(psutil.Process(pid), Component.RUN, found)
    except psutil.NoSuchProcess:
        return


def _add(process: psutil.Process, parent: Component, found: dict[Component, list[psutil.Process]]) -> None:
    try:
        component = _classify(process, parent)
        children = process.children()
    except psutil.NoSuchProcess:
        return
    found[component].append(process)
    for child in children:
        _add(child, component, found)


def _classify(process: psutil.Process, parent: Component) -> Component:
    """Return the component of a process, by its command and the component of its parent."""
    if parent in (Component.POOL, Component.SANDBOX) or process.name() == "nsjail":
        return Component.SANDBOX
    if parent is Component.WORKER:
        return Component.POOL
    if parent is not Component.RUN:
        return parent
    words = process.cmdline()
    if "gunicorn" in words or "api" in words:
        return Component.API
    if "worker" in words:
        return Component.WORKER
    return Component.REDIS if words and "valkey-server" in words[0] else Component.RUN


def read_cpu_seconds(service: Service) -> dict[Component, float]:
    """Return the CPU time of each component so far, with the time of ended processes.

    The kernel adds the time of a process to its parent when the parent reaps it. The children that a worker
    reaps are processes of the sandbox.
    """
    total = dict.fromkeys(Component, 0.0)
    for component, processes in find_processes(service).by_component.items():
        reaped = Component.SANDBOX if component in (Component.WORKER, Component.POOL) else component
        for process in processes:
            try:
                times = process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total[component] += times.user + times.system
            total[reaped] += times.children_user + times.children_system
    return total


def read_kernel_seconds() -> float:
    """Return the CPU time of all kernel threads of the machine. They remove namespaces, among other work."""
    try:
        threads = psutil.Process(2).children()
    except psutil.NoSuchProcess:
        return 0.0
    return sum(sum(thread.cpu_times()[:2]) for thread in threads)
