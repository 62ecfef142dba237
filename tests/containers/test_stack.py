"""The stack of containers: how it is set up, what its parts may do, and what a job sees of them."""

import json
import re
import textwrap
from typing import Any

import pytest

from tests.support.engine import Engine
from tests.support.stack import SERVICES, Stack
from tests.support.wait import eventually

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1800)]

#: All that a script can find out about where it is.
_LOOK = textwrap.dedent("""
    import os, socket, sys

    def main(names):
        files = [os.path.join(folder, name) for folder, _, found in os.walk("/") for name in found]
        held = {}
        for path in (*names, "/proc/self/cgroup", "/proc/1/environ", "/proc/self/mountinfo", "/sys/fs/cgroup"):
            try:
                held[path] = os.listdir(path) if os.path.isdir(path) else open(path).read()
            except OSError as error:
                held[path] = error.__class__.__name__
        try:
            socket.socket()
            net = "a socket"
        except OSError as error:
            net = error.__class__.__name__
        return {"environment": dict(os.environ), "files": [f for f in files if not f.startswith("/usr/lib/python")],
                "host": os.uname().nodename, "user": os.getuid(), "parent": os.getppid(), "held": held, "net": net}
""")

#: Tries to connect to each address, from the worker's container; prints those that let it.
_CONNECT = """
import concurrent.futures, socket, sys

def reached(address):
    host, port = address.rsplit(":", 1)
    try:
        socket.create_connection((host, int(port)), 2).close()
    except OSError:
        return False
    return True

with concurrent.futures.ThreadPoolExecutor(32) as pool:
    for address, answered in zip(sys.argv[1:], pool.map(reached, sys.argv[1:])):
        if answered:
            print(address)
"""


def test_setup_ends_with_the_answer_of_an_example(stack: Stack) -> None:
    [answer] = re.findall(r"^\{.*\}$", stack.said, re.MULTILINE)
    job = json.loads(answer)
    assert (job["status"], job["result"], job["sandbox"]) == ("succeeded", {"hello": "world"}, "nsjail")
    assert "./setup_local.sh --down" in stack.said


def test_the_password_is_in_a_file_of_one_user_and_in_no_output(stack: Stack) -> None:
    password = stack.setting("REDIS_PASSWORD")
    assert len(password) == 64
    assert (stack.folder / ".env").stat().st_mode & 0o777 == 0o600
    shown = stack.said + "".join(stack.logs(one["Id"]) for name in SERVICES for one in stack.containers(name))
    assert password not in shown
    assert password not in stack.compose("top")


def test_only_the_api_is_published_and_only_on_the_loopback(stack: Stack) -> None:
    ports = {name: stack.containers(name)[0]["NetworkSettings"]["Ports"] for name in SERVICES}
    [(port, [binding])] = [(port, to) for port, to in ports["api"].items() if to]
    assert (port, binding["HostIp"]) == ("8080/tcp", "127.0.0.1")
    assert not any(to for name in ("redis", "worker") for to in ports[name].values())


def test_every_root_is_read_only_and_every_part_is_bounded(stack: Stack) -> None:
    for name in SERVICES:
        host = stack.containers(name)[0]["HostConfig"]
        assert host["ReadonlyRootfs"], name
        assert host["Memory"] > 0, name
        assert host["PidsLimit"] > 0, name
        assert host["RestartPolicy"]["Name"] == "unless-stopped"
        assert host["Init"], name


def test_no_part_has_a_privilege_but_a_privileged_worker(stack: Stack) -> None:
    least = "least-privilege" in stack.setting("COMPOSE_FILE")
    for name in SERVICES:
        status = stack.inside(name, "cat", "/proc/1/status")
        found = dict(line.split(":\t", 1) for line in status.splitlines())
        if name == "worker" and not least:
            assert stack.containers(name)[0]["HostConfig"]["Privileged"]
            continue
        assert found["Uid"].split()[0] != "0", name
        assert {int(found[which], 16) for which in ("CapEff", "CapPrm", "CapBnd", "CapAmb")} == {0}, name
        assert found["NoNewPrivs"] == "1", name
        assert found["Seccomp"] == "2", name


def test_a_worker_reaches_redis_and_nothing_else(stack: Stack, engine: Engine) -> None:
    addresses = {}
    for name in SERVICES:
        for network in stack.containers(name)[0]["NetworkSettings"]["Networks"].values():
            port = {"redis": 6379, "api": 8080, "worker": 22}[name]
            addresses[f"{network['IPAddress']}:{port}"] = name
            # The machine's own address on that network: the API is published there, too, if only on the loopback.
            addresses[f"{network['Gateway'] or '127.0.0.1'}:{stack.setting('PORT')}"] = "machine"
    # Addresses that are nobody's: whether there is a way out is asked of the engine.
    outside = ["192.0.2.1:80", "name.invalid:80", f"api:{8080}"]
    reached = stack.inside("worker", "python", "-c", _CONNECT, "redis:6379", *addresses, *outside).split()
    assert "redis:6379" in reached
    assert {addresses.get(one, one) for one in reached} == {"redis:6379", "redis"}
    networks = stack.containers("worker")[0]["NetworkSettings"]["Networks"]
    internal = engine.docker("network", "inspect", "--format", "{{.Internal}}", *networks).split()
    assert internal == ["true"]


def test_redis_lets_nobody_in_without_the_password(stack: Stack) -> None:
    assert "NOAUTH" in stack.inside("redis", "redis-cli", "ping")
    password = stack.setting("REDIS_PASSWORD")
    config = stack.inside("redis", "env", f"REDISCLI_AUTH={password}", "redis-cli", "config", "get", "*")
    settings = dict(zip(*[iter(config.splitlines())] * 2, strict=True))
    assert (settings["appendonly"], settings["maxmemory-policy"]) == ("yes", "noeviction")


def _looked(stack: Stack) -> dict[str, Any]:
    names = ["/app", "/.dockerenv", "/etc/hosts", "/etc/resolv.conf", "/run", "/cgroup", "/tmp"]
    answer = stack.execute(_LOOK, inputs={"names": names}, limits={"timeout": 30, "cpu": 30})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["result"]
    return found


def test_a_job_sees_nothing_of_its_container(stack: Stack) -> None:
    found = _looked(stack)
    assert found["environment"].keys() <= {"LANG", "HOME", "PATH", "LC_CTYPE"}
    assert (found["host"], found["user"], found["net"]) == ("sandbox", 65534, "PermissionError")
    assert found["held"].pop("/tmp") == []
    assert set(found["held"].values()) == {"FileNotFoundError"}
    seen = json.dumps(found)
    [worker] = stack.containers("worker")
    for secret in (stack.setting("REDIS_PASSWORD"), "redis", worker["Id"][:12], worker["Config"]["Hostname"]):
        assert secret not in seen
    ours = [path for path in found["files"] if re.search(r"worker|store|jobs|config|celery|\.env", path)]
    assert ours == []


def test_the_self_test_passes_in_the_workers_container(stack: Stack) -> None:
    # With the attacks on all that a container has besides: files, secrets, processes, the network, cgroups.
    command = ("python", "-P", "-m", "sandbox", "selftest", "--sandbox", "nsjail")
    ran = stack.try_compose("exec", "-T", "worker", *command)
    missed = [line for line in ran.stdout.splitlines() if " ok " not in line]
    assert ran.returncode == 0, "\n".join([*missed, ran.stderr])
    assert missed[0].startswith("nsjail: ")


def test_every_part_becomes_healthy(stack: Stack) -> None:
    def sick() -> list[str]:
        states = {name: stack.containers(name)[0]["State"]["Health"]["Status"] for name in SERVICES}
        return [name for name, status in states.items() if status != "healthy"]

    eventually(lambda: not sick(), within=60, what="all are healthy")


@pytest.mark.parametrize("stack", ["least-privilege"], indirect=True)
def test_without_cgroups_a_worker_of_least_privilege_does_not_start(stack: Stack) -> None:
    files = "docker-compose.yml:deploy/compose/least-privilege.yml"
    ended = stack.try_compose("run", "--rm", "--no-deps", "-T", "worker", COMPOSE_FILE=files)
    assert ended.returncode == 2
    assert [line for line in ended.stderr.splitlines() if line.startswith("python-executor: ")]


# Last: it starts workers that others would see.
def test_three_workers_share_the_load(stack: Stack) -> None:
    stack.compose("up", "--detach", "--no-build", "--scale", "worker=3")
    eventually(lambda: len(stack.workers()) == 3, within=60, what="three workers consume")
    jobs = [{"script": "import time\ndef main(): time.sleep(1); return {}"} for _ in range(18)]
    accepted = stack.client.post("/jobs", json=jobs).json()
    ends = [stack.client.get(f"/jobs/{job['id']}", params={"wait": 60}).json()["status"] for job in accepted]
    assert set(ends) == {"succeeded"}
    ran = [stack.logs(one["Id"]).count('event="job ended"') for one in stack.containers("worker")]
    assert len(ran) == 3
    assert all(ran), ran
    stack.compose("up", "--detach", "--no-build", "--scale", "worker=1")
    eventually(lambda: len(stack.workers()) == 1, within=60, what="one worker is left")
