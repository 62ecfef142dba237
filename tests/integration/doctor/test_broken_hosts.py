"""The doctor on hosts that are broken on purpose: its findings and its exit status."""

import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest

from doctor.finding import Status
from tests.support.checkout import ROOT
from tests.support.doctor import (
    COMMAND,
    Examined,
    examine,
    in_mount_namespace,
    need_unshare,
    plain_environment,
    refusing,
    shell,
)
from tests.support.need import need
from tests.support.process import running
from tests.support.server import redis_server
from tests.support.service import Service, free_port
from tests.support.wait import eventually

#: A user namespace in which no other can be made.
_NO_NAMESPACES = (
    "unshare",
    "--user",
    "--map-root-user",
    *shell("echo 0 >/proc/sys/user/max_user_namespaces"),
)

_READ_ONLY_CGROUPS = """
for folder in $(awk '$3 ~ /^cgroup/ {print $2}' /proc/mounts); do
    mount -o remount,bind,ro "$folder"
done"""


def failed(examined: Examined) -> set[str]:
    return {name for name, one in examined.findings.items() if one.status is Status.FAILED}


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    with redis_server(maxmemory="100mb", maxmemory_policy="noeviction", appendonly="yes") as url:
        yield url


def test_doctor_exits_with_zero_where_jails_work(nsjail: None, redis_url: str) -> None:
    examined = examine(REDIS_URL=redis_url, PORT=str(free_port()))
    assert failed(examined) == set()
    assert (examined.status, examined.sandbox) == (0, "nsjail")


def test_doctor_says_that_only_the_restricted_executor_works_without_nsjail(redis_url: str) -> None:
    examined = examine(REDIS_URL=redis_url, NSJAIL="/nonexistent", PORT=str(free_port()))
    assert failed(examined) == {"jail"}
    assert (examined.status, examined.sandbox) == (1, "restricted")
    assert examined.findings["jail"].found == "NSJAIL: there is no file /nonexistent"
    assert examined.findings["jail"].mend == "env -u NSJAIL python-executor worker"


def test_doctor_tries_no_jail_where_the_operator_wants_none() -> None:
    examined = examine("jail", "restricted-executor", SANDBOX="restricted")
    assert (examined.status, examined.sandbox) == (1, "restricted")
    assert examined.findings["jail"].status is Status.WARNING


def test_doctor_names_the_maximum_when_no_user_namespace_can_be_made() -> None:
    need_unshare()
    examined = examine("user-namespaces", "jail", wrapper=_NO_NAMESPACES)
    found = examined.findings["user-namespaces"]
    assert failed(examined) == {"user-namespaces", "jail"}
    assert found.found == "user.max_user_namespaces is 0 (unshare: No space left on device)"
    assert found.mend == "sudo sysctl -w user.max_user_namespaces=15000"
    assert examined.status == 1


def test_doctor_names_a_filter_that_refuses_namespaces() -> None:
    examined = examine("privileges", "user-namespaces", wrapper=refusing("unshare"))
    assert failed(examined) == {"user-namespaces"}
    assert "seccomp filter" in examined.findings["user-namespaces"].found
    assert "no-new-privileges, a seccomp filter is in force" in examined.findings["privileges"].found


def test_doctor_fails_when_no_filter_can_be_installed() -> None:
    examined = examine("seccomp", "jail", "restricted-executor", wrapper=refusing("seccomp"))
    assert failed(examined) == {"seccomp", "jail", "restricted-executor"}
    assert (examined.status, examined.sandbox) == (1, None)
    # The jail cannot work for the same reason.
    assert examined.findings["jail"].mend == examined.findings["seccomp"].mend


def test_doctor_fails_where_cgroups_are_read_only() -> None:
    examined = examine("cgroups", "jail", wrapper=in_mount_namespace(_READ_ONLY_CGROUPS))
    assert failed(examined) == {"cgroups", "jail"}
    assert examined.status == 1


def test_doctor_names_the_mount_flags_of_the_folder(tmp_path: Path) -> None:
    mount = f"mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs {tmp_path}"
    examined = examine("temporary-folder", wrapper=in_mount_namespace(mount), STATE_DIR=str(tmp_path))
    assert failed(examined) == {"temporary-folder"}
    found = examined.findings["temporary-folder"].found
    assert str(tmp_path) in found
    assert "nosuid" in found


def test_doctor_names_the_folder_that_replaces_one_with_mount_flags() -> None:
    mount = 'mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$TMPDIR"'
    examined = examine("temporary-folder", wrapper=in_mount_namespace(mount))
    assert failed(examined) == set()
    assert "is mounted nosuid, nodev" in examined.findings["temporary-folder"].found


def test_doctor_warns_when_the_folder_is_full() -> None:
    mount = 'mount -t tmpfs -o mode=1777,size=1m,suid,dev,exec tmpfs "$TMPDIR"'
    examined = examine("temporary-folder", wrapper=in_mount_namespace(mount))
    assert examined.findings["temporary-folder"].status is Status.WARNING


@pytest.mark.parametrize(("descriptors", "status"), [(64, Status.FAILED), (1024, Status.WARNING)])
def test_doctor_compares_the_limit_on_open_files(descriptors: int, status: Status) -> None:
    found = examine("file-descriptors", wrapper=shell(f"ulimit -n {descriptors}")).findings[
        "file-descriptors"
    ]
    assert found.status is status
    assert "--nofile=8256" in (found.mend or "")


def test_doctor_warns_when_there_are_fewer_cpus_than_workers() -> None:
    if len(os.sched_getaffinity(0)) < 2:
        need("a machine with two CPUs")
    cpu = min(os.sched_getaffinity(0))
    examined = examine("memory", wrapper=("taskset", "--cpu-list", str(cpu)), WORKERS="2")
    assert examined.findings["cpus"].status is Status.WARNING


def test_doctor_warns_when_the_jobs_do_not_fit_into_memory() -> None:
    assert examine("memory", WORKERS="1000000").findings["memory"].status is Status.WARNING


def test_doctor_checks_the_rest_when_a_setting_is_invalid() -> None:
    examined = examine("settings", "kernel", WORKERS="many")
    assert failed(examined) == {"settings"}
    assert "WORKERS" in examined.findings["settings"].found
    assert examined.findings["kernel"].status is Status.OK


def test_doctor_recognises_the_service(service: Service) -> None:
    found = examine("address", PORT=str(service.client.base_url.port)).findings["address"]
    assert found.status is Status.OK
    assert found.found.endswith("with 1 worker(s)")


def test_doctor_warns_when_the_api_runs_without_a_worker(redis_url: str, tmp_path: Path) -> None:
    port = str(free_port())
    environment = plain_environment(REDIS_URL=redis_url, PORT=port, TMPDIR=str(tmp_path))
    command = [sys.executable, "-P", "-m", "cli.main", "api"]
    with (tmp_path / "log").open("wb") as log, running(command, environment, log):
        eventually(partial(_answers, port), within=60, what="the API answers")
        found = examine("address", PORT=port).findings["address"]
    assert found.status is Status.WARNING
    assert "no worker is consuming" in found.found


def _answers(port: str) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health/live").is_success
    except httpx.TransportError:
        return False


def test_doctor_command_ends_with_one_line_for_an_unknown_check() -> None:
    ran = subprocess.run(
        [*COMMAND, "--only", "nothing"],
        env=plain_environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2
    assert "no finding is named nothing" in ran.stderr


def test_doctor_shows_progress_and_colours_on_a_terminal_only() -> None:
    command = [*COMMAND, "--only", "kernel"]
    leader, follower = pty.openpty()
    environment = plain_environment(TERM="xterm")
    subprocess.run(command, env=environment, cwd=ROOT, stdout=follower, stderr=follower, check=False)
    shown = os.read(leader, 4096).decode()
    os.close(leader)
    os.close(follower)
    assert "checking kernel …" in shown
    assert re.search(r"\x1b\[32mok +\x1b\[0m  kernel", shown)
    piped = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, check=False)
    assert piped.stderr == b""
    assert b"\x1b" not in piped.stdout
    assert piped.stdout.startswith(b"ok       kernel  ")
