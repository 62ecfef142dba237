"""Which of the environments on its host a worker offers, and what it logs."""

import platform
from dataclasses import replace
from pathlib import Path

import pytest

from environments.installed import Installed
from jobs.environment import STDLIB, Environment, Package
from jobs.outcome import SandboxKind
from sandbox.isolation import Isolation
from sandbox.packages import Packages
from worker.environments import candidates, offered

PLAIN = Environment(STDLIB, platform.python_version())
DATA = Environment(
    "data", platform.python_version(), "sha256:1", (Package("numpy", "2.4.6", ""),), ("numpy",), ("numpy",)
)
GEO = replace(DATA, name="geo", preloaded=())
INSTALLED = [
    Installed(environment, Packages(environment.name, "sha256:1", Path("/nowhere")))
    for environment in (DATA, GEO)
]


@pytest.fixture(autouse=True)
def _every_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")


def test_worker_offers_every_environment_without_a_fault(caplog: pytest.LogCaptureFixture) -> None:
    assert offered([DATA, GEO], {}, Isolation.SLOT) == [PLAIN, DATA, GEO]
    assert caplog.messages == [
        "environment data: 1 packages; preloaded: numpy; sha256:1",
        "environment geo: 1 packages; preloaded: nothing; sha256:1",
    ]


def test_worker_offers_no_environment_with_a_fault(caplog: pytest.LogCaptureFixture) -> None:
    assert offered([DATA, GEO], {"data": "no numpy"}, Isolation.SLOT) == [PLAIN, GEO]
    assert caplog.messages[0] == "NOT OFFERED: environment data: no numpy"


def test_worker_checks_every_environment_when_its_sandbox_is_nsjail() -> None:
    assert candidates(INSTALLED, SandboxKind.NSJAIL, Isolation.SLOT) == [DATA, GEO]


def test_worker_checks_no_environment_when_its_sandbox_is_restricted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert candidates(INSTALLED, SandboxKind.RESTRICTED, Isolation.SLOT) == []
    reason = "the restricted executor has the standard library alone"
    assert caplog.messages == [f"NOT OFFERED: environment {name}: {reason}" for name in ("data", "geo")]


def test_worker_logs_nothing_when_there_is_no_environment(caplog: pytest.LogCaptureFixture) -> None:
    assert candidates([], SandboxKind.RESTRICTED, Isolation.SLOT) == []
    assert offered([], {}, Isolation.SLOT) == [PLAIN]
    assert not caplog.messages


def test_worker_announces_no_preloaded_module_when_jails_are_fresh(caplog: pytest.LogCaptureFixture) -> None:
    checked = candidates(INSTALLED[:1], SandboxKind.NSJAIL, Isolation.FRESH)
    (_, data) = offered(checked, {}, Isolation.FRESH)
    assert data == replace(DATA, preloaded=())
    assert "nothing, because ISOLATION is fresh" in caplog.text
