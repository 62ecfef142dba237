"""System calls that reach other processes, or change what the process may do."""

from typing import Final

from selftest.probes.syscalls.family import AT_FDCWD, BAD, Family, call, common_call

FAMILIES: Final = (
    Family(
        "ptrace-is-refused",
        "trace itself, init and other processes",
        (
            call("traceme", 101, 117, 0, 0, 0, 0),
            # Not to the init: without a filter this stops it, and it reports no end of the job.
            call("attach", 101, 117, 16, 999_999, 0, 0),
            call("seize", 101, 117, 0x4206, 1, 0, 0),
            call("seize-parent", 101, 117, 0x4206, 999_999, 0, 0),
        ),
    ),
    Family(
        "process-memory-access-is-refused",
        "call process_vm_readv, process_madvise, kcmp and others",
        (
            call("readv", 310, 270, 999_999, [16], 0, [16], 0, 0),
            call("writev", 311, 271, 999_999, [16], 0, [16], 0, 0),
            call("writev-init", 311, 271, 1, [16], 1, [16], 1, 0),
            call("kcmp", 312, 272, 1, 1, 0, 0, 0),
            common_call("process_madvise", 440, BAD, [16], 1, 4, 0),
            common_call("process_mrelease", 448, BAD, 0),
        ),
    ),
    Family(
        "pidfd-getfd-is-refused",
        "call pidfd_getfd",
        (common_call("pidfd_getfd", 438, BAD, 0, 0), common_call("pidfd_getfd-3", 438, 3, 0, 0)),
    ),
    Family(
        "limits-of-others-are-out-of-reach",
        "call prlimit on pid 1 and others",
        (
            call("read-init", 302, 261, 1, 7, 0, [16]),
            call("write-init", 302, 261, 1, 7, [16], 0),
            call("missing", 302, 261, 999_999, 7, 0, [16]),
        ),
    ),
    Family(
        "personality-is-refused",
        "read and change the personality",
        (
            call("read", 135, 92, 0xFFFFFFFF),
            call("no-random-layout", 135, 92, 0x0040000),
            call("read-implies-exec", 135, 92, 0x0400000),
        ),
    ),
    Family(
        "execveat-is-refused",
        "call execveat on a descriptor and on a path",
        (
            call("execveat", 322, 281, BAD, "", 0, 0, 0x1000),
            call("path", 322, 281, AT_FDCWD, "/no", 0, 0, 0),
        ),
    ),
    Family(
        "setuid-and-capset-are-refused",
        "call set*id, setgroups, capget, capset",
        (
            call("setuid", 105, 146, 65534),
            call("setgid", 106, 144, 65534),
            call("setreuid", 113, 145, -1, -1),
            call("setresuid", 117, 147, -1, -1, -1),
            call("setfsuid", 122, 151, 65534),
            call("setgroups", 116, 159, 0, 0),
            call("capget", 125, 90, BAD, 0),
            call("capset", 126, 91, BAD, 0),
        ),
    ),
    Family(
        "prctl-settings-are-refused",
        "set dumpable, seccomp, subreaper, tracer and others",
        tuple(
            call(name, 157, 167, option, argument, 0, 0, 0)
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
    Family(
        "seccomp-is-refused",
        "call seccomp: modes, listener, query",
        (
            call("strict", 317, 277, 9, 0, 0),
            call("filter", 317, 277, 1, 0, BAD),
            call("listener", 317, 277, 1, 8, BAD),
            call("question", 317, 277, 3, 0, [8]),
        ),
    ),
    Family(
        "scheduling-calls-are-refused",
        "set affinity, scheduler, I/O priority, NUMA policy",
        (
            call("sched_setaffinity", 203, 122, 0, 8, [8]),
            call("sched_setscheduler", 144, 119, 0, 0, [8]),
            call("sched_setattr", 314, 274, 0, [56], 0),
            call("ioprio_set", 251, 30, 1, 0, 0),
            call("set_mempolicy", 238, 237, 0, 0, 0),
            call("mbind", 237, 235, 0, 0, 0, 0, 0, 0),
            call("migrate_pages", 256, 238, 999_999, 0, 0, 0),
            call("move_pages", 279, 239, 999_999, 0, 0, 0, 0, 0),
        ),
    ),
)
