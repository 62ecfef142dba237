"""The seccomp filters, interpreted here as the kernel would interpret them."""

import struct
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.guest import seccomp
from sandbox.guest.restricted.syscalls import restricted_filter

_PID = 4242
_X86, _ARM = 0xC000003E, 0xC00000B7


def _verdict(machine: str, architecture: int, number: int, args: tuple[int, ...] = ()) -> int:
    """Run the restricted filter on one system call; return its verdict."""
    return _run(restricted_filter(_PID, machine), architecture, number, args)


def _run(program: bytes, architecture: int, number: int, args: tuple[int, ...] = ()) -> int:
    args = (*args, *[0] * (6 - len(args)))
    data = struct.pack("<iIQ6Q", number, architecture, 0, *args)
    code = list(struct.iter_unpack("HBBI", program))
    at = accumulator = 0
    while True:
        operation, if_true, if_false, value = code[at]
        at += 1
        if operation == 0x20:
            (accumulator,) = struct.unpack_from("<I", data, value)
        elif operation == 0x54:
            accumulator &= value
        elif operation == 0x15:
            at += if_true if accumulator == value else if_false
        elif operation == 0x35:
            at += if_true if accumulator >= value else if_false
        else:
            assert operation == 0x06
            return int(value)


def _allowed(number: int, *args: int) -> bool:
    return _verdict("x86_64", _X86, number, args) == seccomp.ALLOW


@pytest.mark.parametrize("number", [0, 1, 3, 202, 231])
def test_restricted_filter_allows_reading_writing_waiting_and_exiting(number: int) -> None:
    assert _allowed(number)


@pytest.mark.parametrize(
    ("number", "name"),
    [(2, "open"), (257, "openat"), (41, "socket"), (42, "connect"), (53, "socketpair"), (56, "clone"), (57, "fork"),
     (58, "vfork"), (59, "execve"), (101, "ptrace"), (157, "prctl"), (165, "mount"), (200, "tkill"), (262, "newfstatat"),
     (272, "unshare"), (317, "seccomp"), (319, "memfd_create"), (321, "bpf"), (322, "execveat"), (425, "io_uring_setup"),
     (46, "sendmsg"), (47, "recvmsg"), (32, "dup"), (22, "pipe")],
)  # fmt: skip
def test_restricted_filter_denies_calls_that_affect_anything_outside_the_process(
    number: int, name: str
) -> None:
    assert _verdict("x86_64", _X86, number) == 0x00050000 | 1, name


def test_restricted_filter_answers_enosys_to_clone3() -> None:
    assert _verdict("x86_64", _X86, 435) == 0x00050000 | 38


def test_restricted_filter_denies_calls_of_another_architecture_and_of_x32() -> None:
    assert _verdict("x86_64", 0x40000003, 1) == 0x00050000 | 38
    assert _verdict("x86_64", _X86, 0x40000001) == 0x00050000 | 38


def test_restricted_filter_allows_signals_only_to_the_process_itself() -> None:
    assert _allowed(62, _PID, 9)
    assert _allowed(234, _PID, 7, 6)
    for pid in (0, 1, _PID + 1, 2**64 - 1):
        assert not _allowed(62, pid, 9)
        assert not _allowed(234, pid, 7, 6)


@pytest.mark.parametrize("call", [228, 229, 230])
def test_restricted_filter_denies_the_clocks_of_other_processes(call: int) -> None:
    own_cpu_time, of_process_1 = 2, (~1 << 3) | 2
    assert _allowed(call, own_cpu_time)
    assert not _allowed(call, of_process_1 % 2**32)
    assert not _allowed(call, of_process_1 % 2**64)


def test_restricted_filter_denies_futexes_that_look_up_a_thread() -> None:
    private, realtime = 128, 256
    wait, wake, lock_pi, trylock_pi, wait_bitset, wait_requeue_pi, lock_pi2 = 0, 1, 6, 8, 9, 11, 13
    for command in (wait, wake, wait_bitset):
        assert _allowed(202, 0, command)
        assert _allowed(202, 0, command | private | realtime)
    for command in (lock_pi, trylock_pi, wait_requeue_pi, lock_pi2):
        assert not _allowed(202, 0, command)
        assert not _allowed(202, 0, command | private)


def test_restricted_filter_allows_only_anonymous_memory_that_is_not_executable() -> None:
    anonymous, readable, executable = 0x22, 3, 7
    assert _allowed(9, 0, 4096, readable, anonymous)
    assert not _allowed(9, 0, 4096, executable, anonymous)
    assert not _allowed(9, 0, 4096, readable, 0x2, 3)
    assert _allowed(10, 0, 4096, readable)
    assert not _allowed(10, 0, 4096, executable)


def test_restricted_filter_denies_huge_and_merged_pages() -> None:
    assert not _allowed(9, 0, 4096, 3, 0x22 | 0x40000)
    assert _allowed(28, 0, 4096, 4)
    assert not _allowed(28, 0, 4096, 12)


def test_restricted_filter_allows_reading_but_not_setting_limits() -> None:
    assert _allowed(302, 0, 7, 0, 1)
    assert not _allowed(302, 0, 7, 1, 1)
    assert not _allowed(302, 1, 7, 0, 1)


def test_restricted_filter_denies_sending_to_an_address() -> None:
    assert _allowed(44, 3, 1, 1, 0, 0, 0)
    assert not _allowed(44, 3, 1, 1, 0, 1, 16)
    assert not _allowed(44, 3, 1, 1, 0, 1 << 32, 16)
    assert not _allowed(44, 3, 1, 1, 1, 0, 0)


@given(st.integers(0, 600), st.lists(st.integers(0, 2**64 - 1), min_size=6, max_size=6))
def test_restricted_filter_has_a_verdict_for_every_call_on_both_architectures(
    number: int, args: list[int]
) -> None:
    verdicts = {seccomp.ALLOW, 0x00050000 | 1, 0x00050000 | 38}
    assert _verdict("x86_64", _X86, number, tuple(args)) in verdicts
    assert _verdict("aarch64", _ARM, number, tuple(args)) in verdicts


@pytest.mark.parametrize(("machine", "architecture", "call"), [("x86_64", _X86, 41), ("aarch64", _ARM, 198)])
def test_slot_filter_allows_only_unix_sockets(machine: str, architecture: int, call: int) -> None:
    program = seccomp.slot_filter(machine)
    assert _run(program, architecture, call, (1, 1, 0)) == seccomp.ALLOW
    for family in (0, 2, 10, 16, 17, 1 << 32 | 16):
        assert _run(program, architecture, call, (family, 3, 4)) == 0x00050000 | 1
    assert _run(program, architecture, call + 1) == seccomp.ALLOW


def test_restricted_filter_raises_key_error_for_an_unknown_architecture() -> None:
    with pytest.raises(KeyError):
        restricted_filter(_PID, "sparc")


def test_this_machine_is_little_endian_as_the_filter_assumes() -> None:
    assert sys.byteorder == "little"
