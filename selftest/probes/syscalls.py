"""System calls by number: the kernel answers each with a refusal, whatever a library would do.

Where one can be found the arguments are such that the kernel itself would answer something else
than EPERM, so that it is the filter that is seen to hold and not a missing capability alone. None
of them harms a machine whose sandbox does not hold.
"""

# /tmp is the sandbox's own.
# ruff: noqa: S108

from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from jobs.job import Job
from selftest.checks import answers, one_of, returns
from selftest.probe import Check, Probe, job

_probe = partial(Probe, "kernel")

#: An argument: a number, the address of a text, or (as a list of one number) of so many zero bytes.
_Argument = int | str | list[int]


@dataclass(frozen=True, slots=True)
class _Call:
    """A system call: its numbers, None where an architecture has none, and arguments."""

    name: str
    x86_64: int | None
    aarch64: int | None
    arguments: tuple[_Argument, ...] = ()


_SCRIPT: Final = """
    import ctypes, errno, os
    def main(calls):
        libc = ctypes.CDLL(None, use_errno=True)
        libc.syscall.restype = ctypes.c_long
        me = os.getpid()
        def argument(given):
            if isinstance(given, list):
                return ctypes.create_string_buffer(given[0])
            return ctypes.c_char_p(given.encode()) if isinstance(given, str) else ctypes.c_long(given)
        answers = {}
        for name, number, arguments in calls:
            ctypes.set_errno(0)
            returned = libc.syscall(ctypes.c_long(number), *map(argument, arguments))
            if os.getpid() != me:
                os._exit(0)
            code = ctypes.get_errno()
            answers[name] = errno.errorcode.get(code, code) if returned == -1 else f"returned {returned}"
        return answers
    """

_BAD: Final = -1
_THIS_FOLDER: Final = -100


def _same(name: str, number: int, *arguments: _Argument) -> _Call:
    """Return a call that has the same number everywhere, as all new ones."""
    return _Call(name, number, number, arguments)


def _call(name: str, x86_64: int | None, aarch64: int | None, *arguments: _Argument) -> _Call:
    return _Call(name, x86_64, aarch64, arguments)


_USER, _MOUNT, _PID, _NET, _IPC, _UTS, _CGROUP = (
    0x10000000, 0x00020000, 0x20000000, 0x40000000, 0x08000000, 0x04000000, 0x02000000
)  # fmt: skip
_SIGCHLD: Final = 17

#: By family: what is tried, then the calls.
_FAMILIES: Final[dict[str, tuple[str, tuple[_Call, ...]]]] = {
    "no-new-user-namespace": (
        "unshare and clone with CLONE_NEWUSER, with others too",
        (
            _call("unshare", 272, 97, _USER),
            _call("unshare-all", 272, 97, _USER | _MOUNT | _PID | _NET | _IPC | _UTS | _CGROUP),
            _call("clone", 56, 220, _USER | _SIGCHLD, 0, 0, 0, 0),
            _call("clone-net", 56, 220, _USER | _NET | _SIGCHLD, 0, 0, 0, 0),
            _call("clone-high-bits", 56, 220, (1 << 32) | _USER | _SIGCHLD, 0, 0, 0, 0),
        ),
    ),
    "no-new-namespace-of-any-kind": (
        "unshare and clone each of the other namespaces",
        tuple(
            call
            for name, flag in (
                ("mount", _MOUNT),
                ("pid", _PID),
                ("net", _NET),
                ("ipc", _IPC),
                ("uts", _UTS),
                ("cgroup", _CGROUP),
                ("time", 0x80),
            )
            for call in (
                _call(f"unshare-{name}", 272, 97, flag),
                *([_call(f"clone-{name}", 56, 220, flag | _SIGCHLD, 0, 0, 0, 0)] if flag != 0x80 else []),
            )
        ),
    ),
    "no-sharing-is-undone": (
        "unshare of files, memory, semaphores",
        (
            _call("files", 272, 97, 0x400),
            _call("folder", 272, 97, 0x200),
            _call("semaphores", 272, 97, 0x40000),
            _call("nothing", 272, 97, 0),
        ),
    ),
    "no-namespace-is-entered": (
        "setns on descriptors and processes",
        (_call("setns", 308, 268, 3, 0), _call("setns-net", 308, 268, _BAD, _NET)),
    ),
    "no-mount": (
        "mount, remount, bind, umount",
        (
            _call("mount", 165, 40, _BAD, _BAD, _BAD, 0, 0),
            _call("tmpfs", 165, 40, "none", "/tmp", "tmpfs", 0, 0),
            _call("remount", 165, 40, "none", "/", 0, 0x20 | 0x1000, 0),
            _call("proc", 165, 40, "proc", "/tmp", "proc", 0, 0),
            _call("umount", 166, 39, _BAD, 0x1000),
            _call("umount-tmp", 166, 39, "/tmp", 2),
        ),
    ),
    "no-new-way-to-mount": (
        "fsopen, fsmount, open_tree, move_mount and kin",
        (
            _same("open_tree", 428, _THIS_FOLDER, "/", 0x8000),
            _same("open_tree-plain", 428, _THIS_FOLDER, "/nowhere", 0),
            _same("move_mount", 429, _BAD, "", _BAD, "", 0x44),
            _same("fsopen", 430, _BAD, 0),
            _same("fsconfig", 431, _BAD, 0, 0, 0, 0),
            _same("fsmount", 432, _BAD, 0, 0),
            _same("fspick", 433, _BAD, _BAD, 0),
            _same("mount_setattr", 442, _BAD, "", 0x1000, [32], 32),
            _same("statmount", 457, [24], [64], 64, 0),
            _same("listmount", 458, [24], [64], 8, 0),
        ),
    ),
    "no-new-root": (
        "chroot and pivot_root",
        (
            _call("chroot", 161, 51, _BAD),
            _call("chroot-tmp", 161, 51, "/tmp"),
            _call("pivot_root", 155, 41, "/tmp", "/tmp"),
        ),
    ),
    "no-tracing": (
        "ptrace of itself and of init",
        (
            _call("traceme", 101, 117, 0, 0, 0, 0),
            _call("attach", 101, 117, 16, 1, 0, 0),
            _call("seize", 101, 117, 0x4206, 1, 0, 0),
            _call("seize-parent", 101, 117, 0x4206, 999_999, 0, 0),
        ),
    ),
    "no-memory-of-another-process": (
        "process_vm_readv and writev, process_madvise, mrelease, kcmp",
        (
            _call("readv", 310, 270, 999_999, [16], 0, [16], 0, 0),
            _call("writev", 311, 271, 999_999, [16], 0, [16], 0, 0),
            _call("writev-init", 311, 271, 1, [16], 1, [16], 1, 0),
            _call("kcmp", 312, 272, 1, 1, 0, 0, 0),
            _same("process_madvise", 440, _BAD, [16], 1, 4, 0),
            _same("process_mrelease", 448, _BAD, 0),
        ),
    ),
    "no-descriptor-of-another-process": (
        "pidfd_getfd",
        (_same("pidfd_getfd", 438, _BAD, 0, 0), _same("pidfd_getfd-3", 438, 3, 0, 0)),
    ),
    "no-limit-of-another-process": (
        "prlimit of pid 1 and others",
        (
            _call("read-init", 302, 261, 1, 7, 0, [16]),
            _call("write-init", 302, 261, 1, 7, [16], 0),
            _call("missing", 302, 261, 999_999, 7, 0, [16]),
        ),
    ),
    "no-program-in-the-kernel": (
        "bpf: maps, programs, objects",
        (
            _call("map", 321, 280, 0, [128], 128),
            _call("program", 321, 280, 5, [128], 128),
            _call("object", 321, 280, 7, [128], 128),
            _call("unknown", 321, 280, 9999, _BAD, 1 << 20),
        ),
    ),
    "no-performance-counter": (
        "perf_event_open",
        (
            _call("perf_event_open", 298, 241, _BAD, 0, -1, -1, 0),
            _call("perf_event_open-software", 298, 241, [128], 0, -1, -1, 0),
        ),
    ),
    "no-key": (
        "add_key, request_key, keyctl",
        (
            _call("add_key", 248, 217, "user", "name", "secret", 6, -2),
            _call("request_key", 249, 218, "user", "name", 0, 0),
            _call("keyctl", 250, 219, 0, -4, 0, 0, 0),
            _call("keyctl-join", 250, 219, 1, 0, 0, 0, 0),
        ),
    ),
    "no-io-uring": (
        "io_uring_setup, enter, register",
        (
            _same("setup", 425, 1, [120]),
            _same("enter", 426, _BAD, 0, 0, 0, 0, 0),
            _same("register", 427, _BAD, 0, 0, 0),
        ),
    ),
    "no-asynchronous-io": (
        "io_setup, io_submit, io_getevents",
        (
            _call("setup", 206, 0, 1, [8]),
            _call("submit", 209, 2, 0, 1, [8]),
            _call("getevents", 208, 4, 0, 0, 1, [32], [16]),
        ),
    ),
    "no-userfaultfd": (
        "userfaultfd, for user faults too",
        (_call("all", 323, 282, 0), _call("user", 323, 282, 1)),
    ),
    "no-secret-memory": ("memfd_secret", (_same("memfd_secret", 447, 0),)),
    "no-module": (
        "init_module, finit_module, delete_module",
        (
            _call("init_module", 175, 105, [16], 16, ""),
            _call("finit_module", 313, 273, _BAD, "", 0),
            _call("delete_module", 176, 106, "no_such_module", 0x800),
        ),
    ),
    "no-other-kernel": (
        "kexec_load, kexec_file_load, reboot with a wrong key",
        (
            _call("kexec_load", 246, 104, 0, 999, 0, 0),
            _call("kexec_file_load", 320, 294, _BAD, _BAD, 0, 0, 0xFFFF),
            _call("reboot", 169, 142, 1, 2, 3, 0),
        ),
    ),
    "no-clock-to-set": (
        "clock_settime, settimeofday, adjtimex, clock_adjtime",
        (
            _call("clock_settime", 227, 112, 0, _BAD),
            _call("settimeofday", 164, 170, _BAD, 0),
            _call("adjtimex", 159, 171, [208]),
            _call("clock_adjtime", 305, 266, 0, [208]),
        ),
    ),
    "no-name-to-give": (
        "sethostname, setdomainname",
        (_call("sethostname", 170, 161, _BAD, 4), _call("setdomainname", 171, 162, _BAD, 4)),
    ),
    "no-splice": (
        "splice, tee, vmsplice",
        (
            _call("splice", 275, 76, _BAD, 0, _BAD, 0, 1, 0),
            _call("tee", 276, 77, _BAD, _BAD, 1, 0),
            _call("vmsplice", 278, 75, _BAD, [16], 1, 0),
        ),
    ),
    "no-file-by-handle": (
        "name_to_handle_at, open_by_handle_at",
        (
            _call("name_to_handle_at", 303, 264, _THIS_FOLDER, "/", [136], [4], 0),
            _call("open_by_handle_at", 304, 265, _BAD, [136], 0),
        ),
    ),
    "no-system-v-memory": (
        "shmget, shmat, shmctl",
        (
            _call("shmget", 29, 194, 0, 4096, 0o1600),
            _call("shmat", 30, 196, 999_999, 0, 0),
            _call("shmctl", 31, 195, 999_999, 0, 0),
        ),
    ),
    "no-system-v-semaphore": (
        "semget, semop, semctl",
        (
            _call("semget", 64, 190, 0, 1, 0o1600),
            _call("semop", 65, 193, 999_999, [8], 1),
            _call("semctl", 66, 191, 999_999, 0, 0, 0),
        ),
    ),
    "no-system-v-queue": (
        "msgget, msgsnd, msgrcv, msgctl",
        (
            _call("msgget", 68, 186, 0, 0o1600),
            _call("msgsnd", 69, 189, 999_999, [16], 1, 0),
            _call("msgrcv", 70, 188, 999_999, [16], 1, 0, 0),
            _call("msgctl", 71, 187, 999_999, 0, 0),
        ),
    ),
    "no-posix-queue": (
        "mq_open, mq_unlink",
        (_call("mq_open", 240, 180, "name", 0o102, 0o600, 0), _call("mq_unlink", 241, 181, "name")),
    ),
    "no-terminal-to-type-on": (
        "ioctl TIOCSTI, TIOCLINUX, TIOCSCTTY and others",
        tuple(
            _call(name, 16, 29, 0, request, [64])
            for name, request in (
                ("TIOCSTI", 0x5412),
                ("TIOCLINUX", 0x541C),
                ("TIOCSCTTY", 0x540E),
                ("TIOCSETD", 0x5423),
                ("TIOCSTI-high-bits", (1 << 32) | 0x5412),
            )
        ),
    ),
    "no-odd-ioctl": (
        "ioctl for interfaces, file flags, namespaces, clones, ages",
        tuple(
            _call(name, 16, 29, 3, request, [64])
            for name, request in (
                ("SIOCGIFCONF", 0x8912),
                ("SIOCGSKNS", 0x894C),
                ("FIOASYNC", 0x5452),
                ("FS_IOC_SETFLAGS", 0x40086602),
                ("FICLONE", 0x40049409),
                ("NS_GET_PARENT", 0xB702),
                ("FIFREEZE", 0xC0045877),
                ("FIBMAP", 1),
                ("RNDADDENTROPY", 0x40085203),
                ("PIDFD_GET_INFO", 0xC048FF0B),
            )
        ),
    ),
    "no-other-personality": (
        "personality: no random layout, executable reads, 32 bit",
        (
            _call("read", 135, 92, 0xFFFFFFFF),
            _call("no-random-layout", 135, 92, 0x0040000),
            _call("read-implies-exec", 135, 92, 0x0400000),
        ),
    ),
    "no-program-by-descriptor": (
        "execveat of a memory file",
        (
            _call("execveat", 322, 281, _BAD, "", 0, 0, 0x1000),
            _call("path", 322, 281, _THIS_FOLDER, "/no", 0, 0, 0),
        ),
    ),
    "no-other-user-or-capability": (
        "set*id, setgroups, setfsuid, capset, capget",
        (
            _call("setuid", 105, 146, 65534),
            _call("setgid", 106, 144, 65534),
            _call("setreuid", 113, 145, -1, -1),
            _call("setresuid", 117, 147, -1, -1, -1),
            _call("setfsuid", 122, 151, 65534),
            _call("setgroups", 116, 159, 0, 0),
            _call("capget", 125, 90, _BAD, 0),
            _call("capset", 126, 91, _BAD, 0),
        ),
    ),
    "no-process-setting-that-matters": (
        "prctl: dumpable, seccomp, subreaper, parent-death signal, tracer",
        tuple(
            _call(name, 157, 167, option, argument, 0, 0, 0)
            for name, option, argument in (
                ("PR_SET_PDEATHSIG", 1, 0),
                ("PR_SET_DUMPABLE", 4, 1),
                ("PR_SET_KEEPCAPS", 8, 0),
                ("PR_GET_SECCOMP", 21, 0),
                ("PR_SET_SECCOMP", 22, 9),
                ("PR_CAPBSET_READ", 23, 0),
                ("PR_SET_SECUREBITS", 28, 0),
                ("PR_SET_MM", 35, 0),
                ("PR_SET_CHILD_SUBREAPER", 36, 1),
                ("PR_SET_PTRACER", 0x59616D61, -1),
                ("PR_CAP_AMBIENT", 47, 1),
                ("PR_SET_SYSCALL_USER_DISPATCH", 59, 0),
            )
        ),
    ),
    "no-filter-of-its-own": (
        "seccomp: modes, listeners, questions",
        (
            _call("strict", 317, 277, 9, 0, 0),
            _call("filter", 317, 277, 1, 0, _BAD),
            _call("listener", 317, 277, 1, 8, _BAD),
            _call("question", 317, 277, 3, 0, [8]),
        ),
    ),
    "no-watching": (
        "inotify, fanotify",
        (_call("inotify_init1", 294, 26, 0), _call("fanotify_init", 300, 262, 0x200, 0)),
    ),
    "no-socket-by-number": (
        "socket, connect, bind, listen, accept",
        (
            _call("socket", 41, 198, 2, 1, 0),
            _call("socket-unix", 41, 198, 1, 1, 0),
            _call("socketpair-inet", 53, 199, 2, 1, 0, [8]),
            _call("socketpair-high-bits", 53, 199, (1 << 32) | 2, 1, 0, [8]),
            _call("connect", 42, 203, _BAD, [16], 16),
            _call("bind", 49, 200, _BAD, [16], 16),
            _call("listen", 50, 201, _BAD, 1),
            _call("accept", 43, 202, _BAD, 0, 0),
            _call("accept4", 288, 242, _BAD, 0, 0, 0),
            _call("sendmmsg", 307, 269, _BAD, 0, 0, 0),
            _call("recvmmsg", 299, 243, _BAD, 0, 0, 0, 0),
        ),
    ),
    "no-out-of-band-data": (
        "MSG_OOB on a pair, which had holes",
        (
            _call("sendto", 44, 206, _BAD, "x", 1, 1, 0, 0),
            _call("recvfrom", 45, 207, _BAD, [8], 1, 1, 0, 0),
            _call("sendmsg", 46, 211, _BAD, 0, 1),
            _call("recvmsg", 47, 212, _BAD, 0, 1),
        ),
    ),
    "no-say-in-where-it-runs": (
        "affinity, schedulers, io priorities, NUMA",
        (
            _call("sched_setaffinity", 203, 122, 0, 8, [8]),
            _call("sched_setscheduler", 144, 119, 0, 0, [8]),
            _call("sched_setattr", 314, 274, 0, [56], 0),
            _call("ioprio_set", 251, 30, 1, 0, 0),
            _call("set_mempolicy", 238, 237, 0, 0, 0),
            _call("mbind", 237, 235, 0, 0, 0, 0, 0, 0),
            _call("migrate_pages", 256, 238, 999_999, 0, 0, 0),
            _call("move_pages", 279, 239, 999_999, 0, 0, 0, 0, 0),
        ),
    ),
    "no-say-in-the-machine": (
        "syslog, acct, swap, quota, hangup",
        (
            _call("syslog", 103, 116, 10, 0, 0),
            _call("acct", 163, 89, _BAD),
            _call("swapon", 167, 224, _BAD, 0),
            _call("swapoff", 168, 225, _BAD),
            _call("quotactl", 179, 60, 0x80000100, 0, 0, 0),
            _same("quotactl_fd", 443, _BAD, 0, 0, 0),
        ),
    ),
    "no-calls-for-an-old-processor": (
        "iopl, ioperm, modify_ldt, uselib, ustat, sysfs",
        (
            _call("iopl", 172, None, 4),
            _call("ioperm", 173, None, 0, 1, 0),
            _call("modify_ldt", 154, None, 0, [16], 16),
            _call("uselib", 134, None, "/no"),
            _call("ustat", 136, None, 0, [32]),
            _call("sysfs", 139, None, 3),
        ),
    ),
    "no-call-of-the-future": (
        "numbers that no kernel has given out yet",
        tuple(_same(str(number), number) for number in (470, 480, 500, 511, 600, 999, 4096, 0x3FFF_FFFF)),
    ),
}

#: getpid by the door for 32-bit programs (mov eax, 20; int 0x80; ret): a child, because the
#: filter may answer with a kill.
_OLD_DOOR: Final = """
    import ctypes, mmap, os
    def main():
        code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        code.write(b"\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3")
        call = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
        pid = os.fork()
        if pid == 0:
            os._exit(1 if call() == os.getpid() else 2)
        status = os.waitpid(pid, 0)[1]
        answer = "stopped" if os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 2 else "through"
        return {"answer": answer}
    """


def probes(machine: str) -> list[Probe]:
    """Return the probes of the calls that the architecture `machine` has."""
    found = [
        _probe(name, tried, "EPERM for each", (made,), answers("EPERM"))
        for name, (tried, calls) in _FAMILIES.items()
        if (made := _job(calls, machine))
    ]
    found += [
        _probe(name, tried, expected, (made,), check)
        for name, tried, expected, calls, check in _OTHERS
        if (made := _job(calls, machine))
    ]
    if machine == "x86_64":
        found.append(
            _probe(
                "no-32-bit-door",
                "getpid through int 0x80",
                "killed or refused",
                (job(_OLD_DOOR),),
                returns({"answer": "stopped"}),
            )
        )
    return found


_X32: Final = 0x4000_0000

_OTHERS: Final[tuple[tuple[str, str, str, tuple[_Call, ...], Check], ...]] = (
    (
        "clone3-is-unknown",
        "clone3, whose flags no filter can see",
        "ENOSYS, so that libraries use clone",
        (_same("clone3", 435, [88], 88),),
        answers("ENOSYS"),
    ),
    (
        "no-x32-door",
        "getpid, socket and unshare by their x32 numbers",
        "EPERM or ENOSYS for each",
        (
            _call("getpid", _X32 | 39, None),
            _call("socket", _X32 | 41, None, 2, 1, 0),
            _call("unshare", _X32 | 272, None, _USER),
            _call("ptrace", _X32 | 521, None, 0, 0, 0, 0),
            _call("execve", _X32 | 520, None, "/no", 0, 0),
        ),
        one_of(answers("EPERM"), answers("ENOSYS")),
    ),
)


def _job(calls: tuple[_Call, ...], machine: str) -> Job | None:
    numbered: list[Any] = [
        [call.name, number, list(call.arguments)]
        for call in calls
        if (number := getattr(call, machine, None)) is not None
    ]
    return job(_SCRIPT, inputs={"calls": numbered}) if numbered else None
