"""The environments that a worker offers."""

import logging
import platform
from collections.abc import Mapping, Sequence
from dataclasses import replace

from environments.installed import Installed
from jobs.environment import STDLIB, Environment
from jobs.outcome import SandboxKind
from sandbox.isolation import Isolation

_log = logging.getLogger(__name__)


def candidates(installed: Sequence[Installed], kind: SandboxKind, isolation: Isolation) -> list[Environment]:
    """Return the environments whose jobs the worker may run if they pass their checks; log the others.

    Args:
        installed: The environments on this host.
        kind: The kind of the worker's sandbox.
        isolation: The isolation of jails. A fresh jail imports no module before its job.
    """
    environments = [one.environment for one in installed]
    if kind is SandboxKind.RESTRICTED:
        for environment in environments:
            _not_offered(environment, "the restricted executor has the standard library alone")
        return []
    if isolation is Isolation.FRESH:
        return [replace(environment, preloaded=()) for environment in environments]
    return environments


def offered(
    candidates: Sequence[Environment], faults: Mapping[str, str], isolation: Isolation
) -> list[Environment]:
    """Return `stdlib` and the environments without a fault, and log them all.

    Args:
        candidates: The environments that were checked.
        faults: What is wrong with the broken ones, by name.
        isolation: The isolation of jails.
    """
    environments = [Environment(STDLIB, platform.python_version())]
    nothing = "nothing, because ISOLATION is fresh" if isolation is Isolation.FRESH else "nothing"
    for environment in candidates:
        if fault := faults.get(environment.name):
            _not_offered(environment, fault)
            continue
        _log.info(
            "environment %s: %d packages; preloaded: %s; %s",
            environment.name,
            len(environment.packages),
            ", ".join(environment.preloaded) or nothing,
            environment.digest,
        )
        environments.append(environment)
    return environments


def _not_offered(environment: Environment, reason: str) -> None:
    _log.error("NOT OFFERED: environment %s: %s", environment.name, reason)
