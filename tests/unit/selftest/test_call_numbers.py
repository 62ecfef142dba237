"""The numbers of system calls in the self-test, compared with the kernel's header files."""

import pytest

from selftest.probes.call_numbers import CALL_NUMBERS
from selftest.probes.syscalls import entries, ipc, kernel, namespaces, processes, uncounted
from selftest.probes.syscalls.family import Call
from tests.support.kernel_calls import kernel_calls

#: These families try numbers that are no calls, on purpose.
_NO_CALLS = {"unassigned-calls-are-refused", "x32-calls-are-refused"}


def _calls() -> list[Call]:
    modules = (entries, ipc, kernel, namespaces, processes, uncounted)
    families = [family for module in modules for family in module.FAMILIES]
    return [call for family in families if family.name not in _NO_CALLS for call in family.calls]


def _names(machine: str) -> dict[int, set[str]]:
    """Return the names that the kernel has for each number."""
    names: dict[int, set[str]] = {}
    for name, number in kernel_calls(machine).items():
        names.setdefault(number, set()).add(name)
    return names


def test_probe_makes_the_same_call_on_every_architecture() -> None:
    on_x86_64, on_aarch64 = _names("x86_64"), _names("aarch64")
    different = [
        call
        for call in _calls()
        # Header files older than a call do not have it.
        if call.x86_64 in on_x86_64
        and call.aarch64 in on_aarch64
        and not on_x86_64[call.x86_64] & on_aarch64[call.aarch64]
    ]
    assert not different


def test_probe_leaves_a_call_out_only_on_an_architecture_that_lacks_it() -> None:
    on_x86_64, on_aarch64 = _names("x86_64"), kernel_calls("aarch64")
    left_out = [call.x86_64 for call in _calls() if call.aarch64 is None]
    assert left_out
    assert not [number for number in left_out if number in on_x86_64 and on_x86_64[number] & set(on_aarch64)]


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_script_gets_the_kernels_number_of_each_call(machine: str) -> None:
    kernel = kernel_calls(machine)
    assert {call: kernel.get(call) for call in CALL_NUMBERS} == {
        call: numbers[machine] for call, numbers in CALL_NUMBERS.items()
    }
