"""The tables of system calls and the jails' policies, compared with the kernel's header files."""

import re
from pathlib import Path

import pytest

import config
from sandbox.guest import architecture
from tests.support.kernel_calls import kernel_calls

_POLICIES = Path(config.__path__[0])

#: The names in a policy (kafel) are those of the functions in the kernel. These differ from the calls' names.
_KERNEL_NAMES = {
    "newstat": "stat", "newlstat": "lstat", "newfstat": "fstat", "newuname": "uname", "sendfile64": "sendfile",
}  # fmt: skip


def _calls(policy: str) -> set[str]:
    """Return the calls that a policy names, by the kernel's names."""
    text = re.sub(r'/\*.*?\*/|seccomp_string:|"', "", policy, flags=re.DOTALL)
    lists = re.findall(r"(?:ALLOW|ERRNO\(\d+\))\s*{((?:[^{}]|{[^{}]*})*)}", text)
    names = re.findall(r"\w+", re.sub(r"{[^{}]*}", "", " ".join(lists)))
    return {_KERNEL_NAMES.get(name, name) for name in names}


def _portable() -> set[str]:
    lines = re.findall(r"^seccomp_string:.*$", (_POLICIES / "nsjail.cfg").read_text(), re.MULTILINE)
    return _calls("\n".join(lines))


def _own(machine: str) -> set[str]:
    return _calls((_POLICIES / f"seccomp-{machine}.kafel").read_text())


@pytest.mark.parametrize("machine", architecture.KNOWN)
def test_number_is_the_kernels_for_every_call(machine: str) -> None:
    kernel = kernel_calls(machine)
    ours = {call: architecture.number(call, machine) for call in architecture.CALLS}
    assert ours == {call: kernel.get(call) for call in ours}


@pytest.mark.parametrize("machine", architecture.KNOWN)
def test_policy_names_only_calls_that_the_kernel_has(machine: str) -> None:
    assert _portable() | _own(machine) <= set(kernel_calls(machine))


def test_policies_differ_only_in_calls_that_aarch64_lacks() -> None:
    more = _own("x86_64") - _own("aarch64")
    assert not more & set(kernel_calls("aarch64"))
    assert _own("aarch64") <= _own("x86_64")


def test_every_known_architecture_has_a_policy() -> None:
    policies = {path.stem for path in _POLICIES.glob("seccomp-*.kafel")}
    assert policies == {f"seccomp-{part}" for part in (*architecture.KNOWN, "fresh", "slot")}
