"""The wheel, installed as an operator installs it: without the source tree."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.checkout import ROOT
from tests.support.service import free_port
from tests.support.wait import eventually

#: Seconds until the packages are installed, and until the service is ready.
INSTALLED = 400
READY = 90


@pytest.fixture(scope="module")
def installed(dist: Path) -> Iterator[Path]:
    """A folder with nothing but a virtual environment, `venv`, that has the wheel and the packages of the lock."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        # The jail's user must be able to enter the folder, like /tmp.
        folder.chmod(0o755)
        subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
        pip = str(folder / "venv/bin/pip")
        install = [pip, "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run(
            [*install, "--require-hashes", "--requirement", ROOT / "requirements/run.lock"], check=True
        )
        [wheel] = dist.glob("python_executor-*.whl")
        subprocess.run([*install, wheel], check=True)
        yield folder


@pytest.mark.timeout(INSTALLED)
def test_installed_packages_are_all_that_the_extras_need(installed: Path) -> None:
    pip = str(installed / "venv/bin/pip")
    install = [pip, "install", "--no-index", "--disable-pip-version-check"]
    subprocess.run(
        [*install, "python-executor[api,worker,run]"], cwd=installed, capture_output=True, check=True
    )
    subprocess.run([pip, "check"], cwd=installed, check=True)


@pytest.mark.timeout(INSTALLED)
def test_installed_service_runs_a_job_in_a_jail(installed: Path, nsjail: None) -> None:
    port = free_port()
    environment = {"PATH": os.environ["PATH"], "TMPDIR": str(installed), "PORT": str(port)}
    service = subprocess.Popen(
        [installed / "venv/bin/python-executor", "run"],
        cwd=installed,
        env=environment,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            eventually(lambda: _ready(client, service), within=READY, what="the service is ready")
            script = {"script": "def main(n): return {'twice': 2 * n}", "inputs": {"n": 21}}
            job = client.post("/execute", json=script).json()
            page = client.get("/")
            # Its styles and scripts, the page's own and those of others.
            paths = re.findall(r'(?:href|src)="(pages/[^"]+)"', page.text)
            served = {client.get(f"/{path}").status_code for path in paths}
        assert (job["result"], job["sandbox"]) == ({"twice": 42}, "nsjail")
        assert (page.status_code, served) == (200, {200})
    finally:
        service.terminate()
        service.wait(READY)


@pytest.mark.timeout(INSTALLED)
def test_installed_self_test_passes(installed: Path, nsjail: None) -> None:
    probes = ("ordinary-job-succeeds", "environment-has-only-known-variables")
    ran = subprocess.run(
        [
            installed / "venv/bin/python",
            "-m",
            "sandbox",
            "selftest",
            "--sandbox",
            "nsjail",
            "--only",
            *probes,
        ],
        cwd=installed,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.splitlines()[-1] == "2 probes, 0 missed"


def _ready(client: httpx.Client, service: subprocess.Popen[bytes]) -> bool:
    assert service.poll() is None, "the service has ended"
    try:
        return client.get("/health/ready").is_success
    except httpx.TransportError:
        return False
