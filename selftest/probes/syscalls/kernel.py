"""System calls that load programs into the kernel, use large parts of it, or administer the host."""

from typing import Final

from selftest.probes.syscalls.family import BAD, Family, call, common_call

FAMILIES: Final = (
    Family(
        "bpf-is-refused",
        "create BPF maps, programs, objects",
        (
            call("map", 321, 280, 0, [128], 128),
            call("program", 321, 280, 5, [128], 128),
            call("object", 321, 280, 7, [128], 128),
            call("unknown", 321, 280, 9999, BAD, 1 << 20),
        ),
    ),
    Family(
        "perf-events-are-refused",
        "call perf_event_open",
        (
            call("perf_event_open", 298, 241, BAD, 0, -1, -1, 0),
            call("perf_event_open-software", 298, 241, [128], 0, -1, -1, 0),
        ),
    ),
    Family(
        "kernel-keyrings-are-refused",
        "call add_key, request_key, keyctl",
        (
            call("add_key", 248, 217, "user", "name", "secret", 6, -2),
            call("request_key", 249, 218, "user", "name", 0, 0),
            call("keyctl", 250, 219, 0, -4, 0, 0, 0),
            call("keyctl-join", 250, 219, 1, 0, 0, 0, 0),
        ),
    ),
    Family(
        "io-uring-is-refused",
        "call io_uring_setup, enter, register",
        (
            common_call("setup", 425, 1, [120]),
            common_call("enter", 426, BAD, 0, 0, 0, 0, 0),
            common_call("register", 427, BAD, 0, 0, 0),
        ),
    ),
    Family(
        "kernel-aio-is-refused",
        "call io_setup, io_submit, io_getevents",
        (
            call("setup", 206, 0, 1, [8]),
            call("submit", 209, 2, 0, 1, [8]),
            call("getevents", 208, 4, 0, 0, 1, [32], [16]),
        ),
    ),
    Family(
        "userfaultfd-is-refused",
        "call userfaultfd, for user faults only too",
        (call("all", 323, 282, 0), call("user", 323, 282, 1)),
    ),
    Family("memfd-secret-is-refused", "call memfd_secret", (common_call("memfd_secret", 447, 0),)),
    Family(
        "kernel-modules-are-refused",
        "call init_module, finit_module, delete_module",
        (
            call("init_module", 175, 105, [16], 16, ""),
            call("finit_module", 313, 273, BAD, "", 0),
            call("delete_module", 176, 106, "no_such_module", 0x800),
        ),
    ),
    Family(
        "kexec-and-reboot-are-refused",
        "call kexec_load, kexec_file_load, reboot",
        (
            call("kexec_load", 246, 104, 0, 999, 0, 0),
            call("kexec_file_load", 320, 294, BAD, BAD, 0, 0, 0xFFFF),
            call("reboot", 169, 142, 1, 2, 3, 0),
        ),
    ),
    Family(
        "clocks-cannot-be-set",
        "call clock_settime, settimeofday, adjtimex",
        (
            call("clock_settime", 227, 112, 0, BAD),
            call("settimeofday", 164, 170, BAD, 0),
            call("adjtimex", 159, 171, [208]),
            call("clock_adjtime", 305, 266, 0, [208]),
        ),
    ),
    Family(
        "host-name-cannot-be-set",
        "call sethostname, setdomainname",
        (call("sethostname", 170, 161, BAD, 4), call("setdomainname", 171, 162, BAD, 4)),
    ),
    Family(
        "file-watches-are-refused",
        "call inotify_init1, fanotify_init",
        (call("inotify_init1", 294, 26, 0), call("fanotify_init", 300, 262, 0x200, 0)),
    ),
    Family(
        "terminal-ioctls-are-refused",
        "call ioctl with TIOCSTI, TIOCLINUX, TIOCSCTTY and others",
        tuple(
            call(name, 16, 29, 0, request, [64])
            for name, request in (
                ("TIOCSTI", 0x5412),
                ("TIOCLINUX", 0x541C),
                ("TIOCSCTTY", 0x540E),
                ("TIOCSETD", 0x5423),
                ("TIOCSTI-high-bits", (1 << 32) | 0x5412),
            )
        ),
    ),
    Family(
        "device-and-file-ioctls-are-refused",
        "call ioctl for interfaces, file flags, namespaces",
        tuple(
            call(name, 16, 29, 3, request, [64])
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
    Family(
        "host-administration-is-refused",
        "call syslog, acct, swapon, quotactl and others",
        (
            call("syslog", 103, 116, 10, 0, 0),
            call("acct", 163, 89, BAD),
            call("swapon", 167, 224, BAD, 0),
            call("swapoff", 168, 225, BAD),
            call("quotactl", 179, 60, 0x80000100, 0, 0, 0),
            common_call("quotactl_fd", 443, BAD, 0, 0, 0),
        ),
    ),
)
