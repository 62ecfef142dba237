"""The files that a jail's cgroup writes and reads."""

from pathlib import Path

from jobs.limits import MB
from sandbox.jail.cgroup import Cgroup
from sandbox.jail.hierarchy import Hierarchy
from sandbox.observation import INTERPRETER_BYTES


def _stat(*, cache: int = 0, files_in_memory: int = 0) -> str:
    """Return the text of memory.stat, in bytes. The kernel counts files in memory twice."""
    return f"anon {6 * MB}\nfile {cache + files_in_memory}\nshmem {files_in_memory}\n"


def _cgroup(root: Path, **files: str) -> tuple[Cgroup, Path]:
    """Make a cgroup of version 2, with the files that the kernel would make."""
    cgroup = Cgroup(
        Hierarchy(2, {"memory": root, "pids": root, "cpu": root, "cpuacct": root}), "instance", "jail"
    )
    folder = root / "instance/jail"
    files_of_kernel = dict.fromkeys(("memory_max", "memory_swap.max", "pids_max", "cpu_max"), "")
    files_of_kernel |= {
        "memory_current": f"{9 * MB}\n",
        "memory_events": "low 0\noom 0\noom_kill 0\n",
        "memory_stat": _stat(),
        **files,
    }
    for name, text in files_of_kernel.items():
        (folder / name.replace("_", ".", 1)).write_text(text)
    return cgroup, folder


def test_cgroup_v2_writes_limits_on_top_of_the_memory_in_use_when_a_job_begins(tmp_path: Path) -> None:
    cgroup, folder = _cgroup(tmp_path, memory_peak="100\n")
    cgroup.begin(memory_bytes=20 * MB, processes=7, cpus=0.5)
    names = ("memory.max", "memory.swap.max", "memory.peak", "pids.max", "cpu.max")
    assert [(folder / name).read_text() for name in names] == [
        str(21 * MB),
        "0",
        "reset",
        "7",
        "50000 100000",
    ]
    assert (tmp_path / "instance/cgroup.subtree_control").read_text() == "+cpu +memory +pids"
    assert cgroup.join_files() == [folder / "cgroup.procs"]


def test_cgroup_gives_all_jails_of_a_worker_half_of_the_usual_cpu_weight(tmp_path: Path) -> None:
    _cgroup(tmp_path)
    assert (tmp_path / "instance/cpu.weight").read_text() == "50"


def test_cgroup_v2_reads_cpu_time_and_memory_peak(tmp_path: Path) -> None:
    cgroup, folder = _cgroup(tmp_path, cpu_stat="usage_usec 2500000\nuser_usec 1\n")
    before = cgroup.begin(memory_bytes=20 * MB, processes=7, cpus=1)
    (folder / "memory.peak").write_text(f"{12 * MB}\n")
    assert (cgroup.cpu_seconds(), cgroup.memory_peak(before, exceeded=False)) == (
        2.5,
        3 * MB + INTERPRETER_BYTES,
    )


def test_cgroup_leaves_page_cache_out_of_limit_and_peak_and_counts_files_in_memory(tmp_path: Path) -> None:
    cgroup, folder = _cgroup(
        tmp_path, memory_peak="", memory_current=str(19 * MB), memory_stat=_stat(cache=10 * MB)
    )
    before = cgroup.begin(memory_bytes=20 * MB, processes=7, cpus=1)
    assert (folder / "memory.max").read_text() == str(21 * MB)
    # The job read 5 MB of the library and wrote 4 MB to /tmp.
    (folder / "memory.current").write_text(str(28 * MB))
    (folder / "memory.stat").write_text(_stat(cache=15 * MB, files_in_memory=4 * MB))
    (folder / "memory.peak").write_text(str(30 * MB))
    assert cgroup.memory_peak(before, exceeded=False) == 6 * MB + INTERPRETER_BYTES


def test_cgroup_leaves_nothing_out_of_the_peak_when_the_limit_was_exceeded(tmp_path: Path) -> None:
    # The kernel kills only when it has dropped the page cache. What there is now was read after the kill.
    cgroup, folder = _cgroup(
        tmp_path, memory_peak="", memory_current=str(19 * MB), memory_stat=_stat(cache=10 * MB)
    )
    before = cgroup.begin(memory_bytes=20 * MB, processes=7, cpus=1)
    (folder / "memory.peak").write_text(str(21 * MB))
    assert cgroup.memory_peak(before, exceeded=True) == 20 * MB


def test_cgroup_gives_a_job_its_full_limit_when_the_kernel_has_not_freed_all_of_the_last_job(
    tmp_path: Path,
) -> None:
    cgroup, folder = _cgroup(tmp_path, memory_peak="")
    cgroup.begin(memory_bytes=20 * MB, processes=7, cpus=1)
    (folder / "memory.current").write_text(str(10 * MB))
    before = cgroup.begin(memory_bytes=20 * MB, processes=7, cpus=1)
    assert (folder / "memory.max").read_text() == str(22 * MB)
    (folder / "memory.peak").write_text(str(22 * MB))
    assert cgroup.memory_peak(before, exceeded=True) == 20 * MB


def test_cgroup_has_the_same_limit_when_the_kernel_has_dropped_page_cache(tmp_path: Path) -> None:
    cgroup, folder = _cgroup(tmp_path, memory_current=str(19 * MB), memory_stat=_stat(cache=10 * MB))
    cgroup.begin(memory_bytes=20 * MB, processes=7, cpus=1)
    (folder / "memory.current").write_text(str(9 * MB))
    (folder / "memory.stat").write_text(_stat())
    cgroup.begin(memory_bytes=20 * MB, processes=7, cpus=1)
    assert (folder / "memory.max").read_text() == str(21 * MB)
    assert not cgroup.grown


def test_cgroup_is_out_of_memory_only_after_a_kill_since_the_job_began(tmp_path: Path) -> None:
    cgroup, folder = _cgroup(tmp_path, memory_events="oom 1\noom_kill 1\n")
    before = cgroup.begin(memory_bytes=20 * MB, processes=7, cpus=1)
    assert not cgroup.out_of_memory(before)
    (folder / "memory.events").write_text("oom 2\noom_kill 2\n")
    assert cgroup.out_of_memory(before)


def test_cgroup_has_no_memory_peak_when_the_kernel_has_none(tmp_path: Path) -> None:
    cgroup, _ = _cgroup(tmp_path)
    before = cgroup.begin(memory_bytes=20 * MB, processes=7, cpus=1)
    assert cgroup.memory_peak(before, exceeded=False) is None


def test_cgroup_has_no_memory_peak_when_the_kernel_cannot_reset_that_of_an_earlier_job(
    tmp_path: Path,
) -> None:
    cgroup, folder = _cgroup(tmp_path)
    # A number that the kernel lets no user write.
    (folder / "memory.peak").symlink_to("/proc/sys/kernel/ngroups_max")
    before = cgroup.begin(memory_bytes=20 * MB, processes=7, cpus=1)
    assert cgroup.memory_peak(before, exceeded=False) is None


def test_cgroup_is_gone_when_its_processes_have_ended_after_the_close(tmp_path: Path) -> None:
    cgroup, folder = _cgroup(tmp_path)
    files = list(folder.iterdir())
    assert not cgroup.is_gone()
    # A folder with files cannot be removed, as a cgroup with processes.
    cgroup.close(timeout=0)
    assert (cgroup.is_gone(), folder.exists()) == (False, True)
    for file in files:
        file.unlink()
    assert (cgroup.is_gone(), folder.exists()) == (True, False)


def test_cgroup_that_is_open_is_never_removed(tmp_path: Path) -> None:
    cgroup, folder = _cgroup(tmp_path)
    for file in folder.iterdir():
        file.unlink()
    assert (cgroup.is_gone(), folder.exists()) == (False, True)
