"""The doctor in the images: containers without and with the privileges that jails need."""

import pytest

from doctor.finding import Status
from tests.support.doctor import Examined, parse
from tests.support.engine import Engine

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1800)]

_TMP = ("--tmpfs", "/tmp:exec,dev,suid,mode=1777")


def examine(engine: Engine, image: str, *options: str, only: tuple[str, ...] = ()) -> Examined:
    """Run the doctor in a container with these options. There is no Redis."""
    chosen = ("--only", *only) if only else ()
    return parse(engine.try_docker("run", "--rm", *options, image, "doctor", "--json", *chosen))


def failed(examined: Examined) -> set[str]:
    return {name for name, one in examined.findings.items() if one.status is Status.FAILED}


def test_doctor_names_the_filter_of_a_default_container(engine: Engine, images: dict[str, str]) -> None:
    examined = examine(engine, images["worker"])
    assert (examined.status, examined.sandbox) == (1, "restricted")
    assert {"user-namespaces", "jail", "redis"} <= failed(examined)
    found = examined.findings["user-namespaces"]
    assert "seccomp filter" in found.found
    assert (found.mend or "").startswith("docker run --privileged")
    assert not {"api-keys", "address", "file-descriptors"} & set(examined.findings)


def test_doctor_finds_jails_in_a_privileged_container(engine: Engine, images: dict[str, str]) -> None:
    examined = examine(engine, images["worker"], "--privileged", "--user", "0", *_TMP)
    assert failed(examined) == {"redis"}
    assert (examined.status, examined.sandbox) == (1, "nsjail")


def test_doctor_names_the_mount_flags_of_dockers_tmpfs(engine: Engine, images: dict[str, str]) -> None:
    options = ("--privileged", "--user", "0", "--read-only", "--tmpfs", "/tmp:mode=1777")
    examined = examine(
        engine, images["worker"], *options, "--env", "STATE_DIR=/tmp", only=("temporary-folder", "jail")
    )
    assert {"temporary-folder", "jail"} <= failed(examined)
    assert "noexec" in examined.findings["temporary-folder"].found


def test_doctor_sees_the_limits_of_its_container(engine: Engine, images: dict[str, str]) -> None:
    options = ("--memory", "600m", "--cpus", "0.5", "--env", "WORKERS=2")
    examined = examine(engine, images["worker"], *options, only=("memory",))
    assert examined.findings["memory"].found.startswith("600 MB; ")
    assert examined.findings["cpus"].found.startswith("0.5; ")


def test_api_image_says_in_one_line_that_it_has_no_doctor(engine: Engine, images: dict[str, str]) -> None:
    ran = engine.try_docker("run", "--rm", images["api"], "doctor", "--help")
    assert ran.returncode == 2
    assert ran.stderr.count("\n") == 1
    assert "docker run --rm python-executor-worker doctor" in ran.stderr
