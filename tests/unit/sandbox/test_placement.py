"""The rules that say where the cgroups of jails are made."""

import pytest

from sandbox.jail.placement import Place, choose
from sandbox.jail.surroundings import Facts

_SESSION = "/user.slice/user-1000.slice/session-3.scope"
_TERMINAL = "/user.slice/user-1000.slice/user@1000.service/app.slice/terminal.slice/tab-7.scope"
_USER_SERVICE = "/user.slice/user-1000.slice/user@1000.service/app.slice/jobs.service"


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param(Facts(1), id="version 1"),
        pytest.param(Facts(holds_init=True), id="container, private cgroup namespace"),
        pytest.param(
            Facts(path="/system.slice/docker-1.scope", holds_init=True), id="container, host's namespace"
        ),
        pytest.param(Facts(path="/", holds_init=False), id="container, another one's PID namespace"),
        pytest.param(
            Facts(path="/system.slice/a.service", delegated=True, systemd=True), id="delegated service"
        ),
        pytest.param(Facts(path=_USER_SERVICE, uid=1000, alone=True, systemd=True), id="user's service"),
        pytest.param(
            Facts(path="/user.slice/user-0.slice/python-executor-1.scope", systemd=True),
            id="scope of our own",
        ),
    ],
)
def test_choose_takes_the_own_cgroup_when_it_belongs_to_the_process(facts: Facts) -> None:
    assert choose(facts).place is Place.OWN


@pytest.mark.parametrize(
    ("facts", "slice_"),
    [
        (Facts(path="/user.slice/user-0.slice/session-1.scope", systemd=True), "user-0.slice"),
        (Facts(path=_SESSION, systemd=True), "user-1000.slice"),
        (Facts(path=_TERMINAL, systemd=True), "user-1000.slice"),
        (Facts(path=_SESSION, uid=1000, writable=False, systemd=True, user_manager=True), ""),
        (Facts(path=_TERMINAL, uid=1000, systemd=True, user_manager=True), "terminal.slice"),
        (
            Facts(path=_TERMINAL, uid=1000, alone=True, missing=("cpu",), systemd=True, user_manager=True),
            "terminal.slice",
        ),
        (Facts(path="/", is_root=True, sees_root=True, systemd=True), ""),
    ],
)
def test_choose_asks_systemd_for_a_scope_in_the_same_slice_when_in_a_session(
    facts: Facts, slice_: str
) -> None:
    assert (choose(facts).place, facts.slice) == (Place.SCOPE, slice_)


def test_choose_takes_the_root_of_the_tree_for_root_when_there_is_no_systemd() -> None:
    for facts in (Facts(path="/sshd", sees_root=True), Facts(is_root=True, sees_root=True)):
        assert choose(facts).place is Place.ROOT


@pytest.mark.parametrize(
    ("facts", "reason", "remedy"),
    [
        (Facts(1, missing=("cpu",)), "no controller for cpu", "mount"),
        (Facts(kernel_missing=("memory",)), "the kernel has no cgroup controller for memory", "command line"),
        (
            Facts(path="/system.slice/a.service", systemd=True),
            "a.service does not delegate its cgroup",
            "systemctl edit a.service",
        ),
        (
            Facts(path="/system.slice/run-1.scope", limited=True, systemd=True),
            "run-1.scope has limits",
            "systemd-run --scope -p Delegate=yes",
        ),
        (
            Facts(path=_SESSION, uid=1000, systemd=True),
            "no systemd manager of user 1000",
            "loginctl enable-linger 1000",
        ),
        (
            Facts(path=_USER_SERVICE, uid=1000, alone=True, missing=("cpu",), systemd=True),
            "jobs.service does not delegate its cgroup",
            "systemctl --user edit jobs.service",
        ),
        (
            Facts(path=f"{_USER_SERVICE}/python-executor-1.scope", uid=1000, missing=("cpu",), systemd=True),
            "no controller for cpu",
            "systemctl edit user@.service",
        ),
        (
            Facts(path="/system.slice/a.service", delegated=True, missing=("cpu",), systemd=True),
            "no controller for cpu",
            "Delegate=cpu memory pids",
        ),
        (Facts(holds_init=True, writable=False), "may not write", "writable-cgroups"),
        (Facts(path="/sshd", sees_root=True, limited_above=True), "/sshd has limits", "without limits"),
        (Facts(path="/sshd", uid=1000, sees_root=True), "does not belong to the worker", "as root"),
        (Facts(path="/docker/1", writable=False), "may not write", "--privileged"),
    ],
)
def test_choose_names_the_reason_and_the_command_when_there_is_no_place(
    facts: Facts, reason: str, remedy: str
) -> None:
    plan = choose(facts)
    assert plan.place is Place.NONE
    assert reason in plan.reason
    assert remedy in plan.remedy
