"""The stack of containers: its setup, the privileges of its containers, and the data that a job can see."""

import json
import re
import textwrap
from typing import Any

import pytest

from tests.support.engine import Engine
from tests.support.selftest import assert_selftest_passed
from tests.support.stack import SERVICES, Stack
from tests.support.wait import eventually

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1800)]

#: A script that returns all data that it can collect about its environment.
_INSPECT = textwrap.dedent("""
    import os, socket, sys

    def main(names):
        files = [os.path.join(folder, name) for folder, _, found in os.walk("/") for name in found]
        content = {}
        proc = ("/proc/self/cgroup", "/proc/1/environ", "/proc/self/mountinfo")
        for path in (*names, *proc, "/sys/fs/cgroup"):
            try:
                content[path] = os.listdir(path) if os.path.isdir(path) else open(path).read()
            except OSError as error:
                content[path] = error.__class__.__name__
        try:
            socket.socket()
            network = "a socket"
        except OSError as error:
            network = error.__class__.__name__
        return {
            "environment": dict(os.environ),
            "files": [path for path in files if not path.startswith("/usr/lib/python")],
            "host": os.uname().nodename,
            "user": os.getuid(),
            "parent": os.getppid(),
            "content": content,
            "network": network,
        }
""")

#: A program that tries to connect to each address in its arguments, and prints those it reaches.
_CONNECT = """
import concurrent.futures, socket, sys

def reaches(address):
    host, port = address.rsplit(":", 1)
    try:
        socket.create_connection((host, int(port)), 2).close()
    except OSError:
        return False
    return True

with concurrent.futures.ThreadPoolExecutor(32) as pool:
    for address, answered in zip(sys.argv[1:], pool.map(reaches, sys.argv[1:])):
        if answered:
            print(address)
"""


def test_setup_prints_the_answer_of_an_example(stack: Stack) -> None:
    [answer] = re.findall(r"^\{.*\}$", stack.setup_output, re.MULTILINE)
    job = json.loads(answer)
    assert (job["status"], job["result"], job["sandbox"]) == ("succeeded", {"hello": "world"}, "nsjail")
    assert "./setup_local.sh --down" in stack.setup_output


def test_api_image_serves_the_playground_and_its_files(stack: Stack) -> None:
    page = stack.client.get("/")
    files = re.findall(r'(?:href|src)="(pages/[^"]+)"', page.text)
    assert page.status_code == 200
    assert len(files) > 5
    assert {stack.client.get(f"/{file}").status_code for file in files} == {200}


def test_redis_password_is_readable_by_the_owner_only_and_in_no_output(stack: Stack) -> None:
    password = stack.setting("REDIS_PASSWORD")
    assert len(password) == 64
    assert (stack.folder / ".env").stat().st_mode & 0o777 == 0o600
    containers = [container for name in SERVICES for container in stack.containers(name)]
    output = stack.setup_output + "".join(stack.logs(container["Id"]) for container in containers)
    assert password not in output
    assert password not in stack.compose("top")


def test_only_the_api_has_a_published_port_and_only_on_the_loopback(stack: Stack) -> None:
    ports = {name: stack.containers(name)[0]["NetworkSettings"]["Ports"] for name in SERVICES}
    [(port, [binding])] = [(port, bindings) for port, bindings in ports["api"].items() if bindings]
    assert (port, binding["HostIp"]) == ("8080/tcp", "127.0.0.1")
    assert not any(bindings for name in ("redis", "worker") for bindings in ports[name].values())


def test_every_container_has_a_read_only_root_and_limits(stack: Stack) -> None:
    for name in SERVICES:
        config = stack.containers(name)[0]["HostConfig"]
        assert config["ReadonlyRootfs"], name
        assert config["Memory"] > 0, name
        assert config["PidsLimit"] > 0, name
        assert config["RestartPolicy"]["Name"] == "unless-stopped"
        assert config["Init"], name


def test_no_container_has_a_privilege_except_a_privileged_worker(stack: Stack) -> None:
    least_privilege = "least-privilege" in stack.setting("COMPOSE_FILE")
    for name in SERVICES:
        lines = stack.execute_in(name, "cat", "/proc/1/status").splitlines()
        status = dict(line.split(":\t", 1) for line in lines)
        if name == "worker" and not least_privilege:
            assert stack.containers(name)[0]["HostConfig"]["Privileged"]
            continue
        assert status["Uid"].split()[0] != "0", name
        assert {int(status[field], 16) for field in ("CapEff", "CapPrm", "CapBnd", "CapAmb")} == {0}, name
        assert status["NoNewPrivs"] == "1", name
        assert status["Seccomp"] == "2", name


def test_worker_reaches_redis_and_nothing_else(stack: Stack, engine: Engine) -> None:
    addresses = {}
    for name in SERVICES:
        for network in stack.containers(name)[0]["NetworkSettings"]["Networks"].values():
            port = {"redis": 6379, "api": 8080, "worker": 22}[name]
            addresses[f"{network['IPAddress']}:{port}"] = name
            # The host's own address on this network: the API's port is published on the host.
            addresses[f"{network['Gateway'] or '127.0.0.1'}:{stack.setting('PORT')}"] = "host"
    # Reserved addresses, which no machine has: connecting to a real one would leave this machine. The engine
    # reports below whether the network has a route to the outside.
    outside = ["192.0.2.1:80", "name.invalid:80", "api:8080"]
    command = ("python", "-c", _CONNECT, "redis:6379", *addresses, *outside)
    reached = stack.execute_in("worker", *command).split()
    assert "redis:6379" in reached
    assert {addresses.get(address, address) for address in reached} == {"redis:6379", "redis"}
    networks = stack.containers("worker")[0]["NetworkSettings"]["Networks"]
    internal = engine.docker("network", "inspect", "--format", "{{.Internal}}", *networks).split()
    assert internal == ["true"]


def test_redis_refuses_commands_when_the_password_is_missing(stack: Stack) -> None:
    assert "NOAUTH" in stack.execute_in("redis", "redis-cli", "ping")


def test_redis_persists_jobs_and_never_evicts_them(stack: Stack) -> None:
    password = stack.setting("REDIS_PASSWORD")
    config = stack.execute_in("redis", "env", f"REDISCLI_AUTH={password}", "redis-cli", "config", "get", "*")
    settings = dict(zip(*[iter(config.splitlines())] * 2, strict=True))
    assert (settings["appendonly"], settings["maxmemory-policy"]) == ("yes", "noeviction")


def _inspect(stack: Stack) -> dict[str, Any]:
    """Return the data that a job can collect about its environment."""
    names = ["/app", "/.dockerenv", "/etc/hosts", "/etc/resolv.conf", "/run", "/cgroup", "/tmp"]
    answer = stack.execute(_INSPECT, inputs={"names": names}, limits={"timeout": 30, "cpu": 30})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["result"]
    return found


def test_job_sees_no_file_or_secret_of_the_worker_container(stack: Stack) -> None:
    found = _inspect(stack)
    assert found["environment"].keys() <= {"LANG", "HOME", "PATH", "LC_CTYPE"}
    assert (found["host"], found["user"], found["network"]) == ("sandbox", 65534, "PermissionError")
    assert found["content"].pop("/tmp") == ["script.py"]
    assert set(found["content"].values()) == {"FileNotFoundError"}
    text = json.dumps(found)
    [worker] = stack.containers("worker")
    for secret in (stack.setting("REDIS_PASSWORD"), "redis", worker["Id"][:12], worker["Config"]["Hostname"]):
        assert secret not in text
    service_files = [
        path for path in found["files"] if re.search(r"worker|store|jobs|config|celery|\.env", path)
    ]
    assert service_files == []


def test_self_test_passes_in_the_worker_container(stack: Stack) -> None:
    # Here the attacks also target the files, secrets, processes, network and cgroups of a container.
    command = ("python", "-P", "-m", "sandbox", "selftest", "--sandbox", "nsjail")
    header = assert_selftest_passed(stack.try_compose("exec", "-T", "worker", *command))
    assert header.startswith("nsjail: ")


def test_every_container_becomes_healthy(stack: Stack) -> None:
    def all_healthy() -> bool:
        states = (stack.containers(name)[0]["State"]["Health"]["Status"] for name in SERVICES)
        return all(state == "healthy" for state in states)

    eventually(all_healthy, within=60, what="all containers are healthy")


@pytest.mark.parametrize("stack", ["least-privilege"], indirect=True)
def test_least_privilege_worker_does_not_start_when_it_has_no_cgroups(stack: Stack) -> None:
    files = "docker-compose.yml:deploy/compose/least-privilege.yml"
    ran = stack.try_compose("run", "--rm", "--no-deps", "-T", "worker", COMPOSE_FILE=files)
    assert ran.returncode == 2
    assert [line for line in ran.stderr.splitlines() if line.startswith("python-executor: ")]


# This test must be the last one: its additional workers would disturb the others.
def test_three_workers_share_the_jobs(stack: Stack) -> None:
    stack.compose("up", "--detach", "--no-build", "--scale", "worker=3")
    eventually(lambda: len(stack.workers()) == 3, within=60, what="three workers take jobs")
    jobs = [{"script": "import time\ndef main(): time.sleep(1); return {}"} for _ in range(18)]
    accepted = stack.client.post("/jobs", json=jobs).json()
    ended = [stack.client.get(f"/jobs/{job['id']}", params={"wait": 60}).json() for job in accepted]
    assert {job["status"] for job in ended} == {"succeeded"}
    containers = stack.containers("worker")
    counts = [stack.logs(container["Id"]).count('event="job ended"') for container in containers]
    assert len(counts) == 3
    assert all(counts), counts
    stack.compose("up", "--detach", "--no-build", "--scale", "worker=1")
    eventually(lambda: len(stack.workers()) == 1, within=60, what="one worker is left")
