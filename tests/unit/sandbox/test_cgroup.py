"""What is written to the cgroup of a jail, and read from it."""

from pathlib import Path

from jobs.limits import MB
from sandbox.jail.cgroup import INTERPRETER_BYTES, Cgroup
from sandbox.jail.hierarchy import Hierarchy


def _jail(root: Path, **files: str) -> tuple[Cgroup, Path]:
    """Make a jail's cgroup of version 2, with the files the kernel would put there."""
    group = Cgroup(
        Hierarchy(2, {"memory": root, "pids": root, "cpu": root, "cpuacct": root}), "instance", "jail"
    )
    place = root / "instance/jail"
    there = dict.fromkeys(("memory_max", "memory_swap.max", "pids_max", "cpu_max"), "")
    there |= {"memory_current": f"{9 * MB}\n", "memory_events": "low 0\noom 0\noom_kill 0\n", **files}
    for name, text in there.items():
        (place / name.replace("_", ".", 1)).write_text(text)
    return group, place


def test_version_2_limits_are_written_in_its_words_beside_what_is_idle(tmp_path: Path) -> None:
    group, place = _jail(tmp_path, memory_peak="100\n")
    group.begin(memory_bytes=20 * MB, processes=7, cpus=0.5)
    names = ("memory.max", "memory.swap.max", "memory.peak", "pids.max", "cpu.max")
    assert [(place / name).read_text() for name in names] == [str(21 * MB), "0", "reset", "7", "50000 100000"]
    assert (tmp_path / "instance/cgroup.subtree_control").read_text() == "+cpu +memory +pids"
    assert group.join_files() == [place / "cgroup.procs"]


def test_version_2_usage_is_read_in_its_words(tmp_path: Path) -> None:
    group, place = _jail(tmp_path, cpu_stat="usage_usec 2500000\nuser_usec 1\n")
    before = group.begin(memory_bytes=20 * MB, processes=7, cpus=1)
    (place / "memory.peak").write_text(f"{12 * MB}\n")
    assert (group.cpu_seconds(), group.memory_peak(before)) == (2.5, 3 * MB + INTERPRETER_BYTES)


def test_only_a_kill_since_the_job_began_counts(tmp_path: Path) -> None:
    group, place = _jail(tmp_path, memory_events="oom 1\noom_kill 1\n")
    before = group.begin(memory_bytes=20 * MB, processes=7, cpus=1)
    assert not group.out_of_memory(before)
    (place / "memory.events").write_text("oom 2\noom_kill 2\n")
    assert group.out_of_memory(before)


def test_a_kernel_without_a_memory_peak_leaves_it_open(tmp_path: Path) -> None:
    group, _ = _jail(tmp_path)
    before = group.begin(memory_bytes=20 * MB, processes=7, cpus=1)
    assert group.memory_peak(before) is None
