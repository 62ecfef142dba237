"""The checks inside the machine. Runs there as root, without a login session, with the system's own Python.

python3 checks.py FILE     writes a JSON object to FILE: for each check its exit status, seconds and output

FILE is rewritten after each check, so that the host has all that is known when it ends the machine early.
"""

import contextlib
import json
import os
import pwd
import re
import signal
import subprocess
import sys
import time
import traceback
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Final

CHECKOUT: Final = Path(__file__).parents[3]
USERS: Final = ("root", "dev")

#: The tests that make jails and cgroups. A wrong name fails the check: pytest does not find the file.
#: Not the unit tests of cgroups: they read and write copies of the kernel's files, the same on every host.
#: Not those of the memory peak: the kernel of Debian 12 cannot reset it, so a job has none.
TESTS: Final = (
    "tests/integration/sandbox/test_instance.py",
    "tests/integration/sandbox/test_jail_cleanup.py",
)

#: In an emulator a fresh jail takes half a second to start: the tests of these take three minutes longer.
_SELECTED: Final = "not fresh"

#: Seconds for one check, more than twice what one takes beside other tests. The host bounds all of them together.
_TIMEOUT: Final = 900

#: Seconds until `make run` takes jobs. In an emulator Python starts thirty times more slowly.
_START_TIMEOUT: Final = 400

#: The end of a row of the self-test's table, for a probe that passed.
_PASSED: Final = re.compile(r" ok +[0-9.]+ s$")

_URL: Final = "http://127.0.0.1:8080"

Check = Callable[[], str]


class CheckFailed(Exception):
    """A check failed; the message is its output."""


def main() -> None:
    """Run all checks, two at once where they do not disturb each other."""
    results: dict[str, Any] = {}
    disk = Path(sys.argv[1])

    def run(name: str, check: Check) -> None:
        began = time.monotonic()
        print(f"machine: {name} …", flush=True)
        try:
            output, passed = check(), True
        except (CheckFailed, OSError, subprocess.SubprocessError):
            # With the error before it, if the end of a service that had failed failed too.
            output, passed = traceback.format_exc(), False
        seconds = round(time.monotonic() - began, 1)
        print(f"machine: {name}: {'passed' if passed else 'FAILED'} after {seconds:g} s", flush=True)
        results[name] = {"passed": passed, "seconds": seconds, "output": output}
        _write(disk, results)

    run("host", _describe)
    for user in USERS:
        run(f"service-{user}", partial(_start_service, user))
    with ThreadPoolExecutor(2) as pool:
        for user in USERS:
            pool.submit(run, f"selftest-{user}", partial(_run_selftest, user))
    run("tests", _run_tests)
    run("leftovers", _find_leftovers)


def _write(disk: Path, results: dict[str, Any]) -> None:
    with disk.open("r+b") as file:
        file.write(json.dumps(results).encode() + b"\n\0")
        os.fsync(file.fileno())


def _login(user: str, command: str) -> list[str]:
    """Return a command that runs another one in a new login session, as a terminal or ssh makes one."""
    return ["su", "--login", user, "--command", f"cd {CHECKOUT} && exec {command}"]


def _output(command: list[str]) -> str:
    ran = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_TIMEOUT, check=False
    )
    if ran.returncode:
        # Leave out the probes that passed.
        lines = [line for line in ran.stdout.splitlines() if not _PASSED.search(line)]
        raise CheckFailed("\n".join([f"status {ran.returncode}", *lines[-400:], ran.stderr[-5000:]]))
    return ran.stdout


def _describe() -> str:
    """Return the kernel, the Python version and the controllers of cgroup version 2."""
    controllers = Path("/sys/fs/cgroup/cgroup.controllers").read_text()
    return f"Linux {os.uname().release}, Python {sys.version.split()[0]}, {os.cpu_count()} CPUs, cgroup v2: {controllers}"


def _run_selftest(user: str) -> str:
    return _output(_login(user, ".venv/bin/python -m sandbox selftest --sandbox nsjail"))


def _run_tests() -> str:
    # In an emulator, loading the plugins that no test here needs takes longer than the tests of a file.
    settings = "env CI=true PYTEST_DISABLE_PLUGIN_AUTOLOAD=true"
    options = f"-p pytest_timeout -q -p no:cacheprovider --timeout 300 --durations 10 -k '{_SELECTED}'"
    return _output(_login("root", f"{settings} .venv/bin/python -m pytest {options} {' '.join(TESTS)}"))


def _start_service(user: str) -> str:
    """Run `make run` in a login session, with one job; then kill its worker, or end it as Ctrl-C does."""
    log = Path(f"/tmp/service-{user}.log")
    with log.open("wb") as output:
        service = subprocess.Popen(
            _login(user, "make run"), stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        try:
            _await(lambda: _is_ready(service), _START_TIMEOUT, "the service takes no jobs")
            job = _execute("def main():\n    return {'ok': True}")
            found = {"sandbox": job["sandbox"], "result": job["result"]}
            expected = {"sandbox": "nsjail", "result": {"ok": True}}
            if found != expected:
                raise CheckFailed(f"{found}\n{log.read_text(errors='replace')}")
            worker, cgroup = _find_worker()
            if user == USERS[-1]:
                os.kill(worker, signal.SIGKILL)
        except (CheckFailed, OSError) as error:
            raise CheckFailed(f"{error}\n{log.read_text(errors='replace')[-8000:]}") from None
        finally:
            for pid in _processes("cli.run"):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGINT)
            # Also after a failure: what is left of the service would disturb the next checks.
            _await(lambda: service.poll() is not None, 60, "the service does not end after SIGINT")
    _await_end_of_everything()
    return f"the worker's cgroup was {cgroup}\n{log.read_text(errors='replace')[-4000:]}"


def _is_ready(service: "subprocess.Popen[bytes]") -> bool:
    if service.poll() is not None:
        raise CheckFailed(f"the service ended with status {service.returncode}")
    try:
        with urllib.request.urlopen(f"{_URL}/health/ready", timeout=20) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _execute(script: str) -> dict[str, Any]:
    body = json.dumps({"script": script, "limits": {"timeout": 30}}).encode()
    request = urllib.request.Request(f"{_URL}/execute", body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=90) as answer:
            job: dict[str, Any] = json.load(answer)
            return job
    except urllib.error.HTTPError as error:
        raise CheckFailed(f"{error.code}: {error.read().decode()}") from None


def _await(condition: Callable[[], bool], within: float, failure: str) -> None:
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise CheckFailed(f"after {within:g} s: {failure}")
        time.sleep(0.5)


def _await_end_of_everything() -> None:
    try:
        _await(lambda: not _live_leftovers(), 30, "something is left")
    except CheckFailed as error:
        raise CheckFailed(f"{error}: {_live_leftovers()}") from None


def _command_lines() -> Iterator[tuple[int, list[str]]]:
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            yield int(folder.name), (folder / "cmdline").read_text(errors="replace").split("\0")


def _processes(module: str) -> list[int]:
    """Return the processes that run a module of the product, the oldest first."""
    return sorted(pid for pid, words in _command_lines() if module in words)


def _find_worker() -> tuple[int, str]:
    worker = _processes("worker")[0]
    return worker, Path(f"/proc/{worker}/cgroup").read_text().strip()


def _live_leftovers() -> list[str]:
    """Return the cgroups, units and processes of the product."""
    cgroups = [str(path) for path in Path("/sys/fs/cgroup").rglob("python-executor*")]
    listed = ["systemctl", "list-units", "--all", "--plain", "--no-legend", "python-executor*"]
    units = subprocess.run(listed, capture_output=True, text=True, check=True).stdout.splitlines()
    # Our interpreter and server, nsjail, and what runs in a jail.
    processes = [
        f"process {pid}: {' '.join(words)}"
        for pid, words in _command_lines()
        if "/srv/environment/" in words[0]
        or ".venv/" in words[0]
        or any(word.startswith("/guest/") for word in words)
    ]
    return [*cgroups, *units, *processes]


def _find_leftovers() -> str:
    """Fail if anything of the product is left; folders too, as the next worker removes those of a killed one."""
    _await_end_of_everything()
    places = ["/tmp", "/var/tmp", "/run", *(f"/run/user/{pwd.getpwnam(user).pw_uid}" for user in USERS)]
    names = ("python-executor*", "nsjail*")
    left = [str(path) for place in places for name in names for path in Path(place).glob(name)]
    mounts = [line for line in Path("/proc/self/mounts").read_text().splitlines() if "nsjail" in line]
    if left or mounts:
        raise CheckFailed(f"left: {left + mounts}")
    return "nothing"


if __name__ == "__main__":
    main()
