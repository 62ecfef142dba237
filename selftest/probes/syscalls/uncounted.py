"""System calls for kernel objects that no cgroup counts, or that act on files of the host."""

from typing import Final

from selftest.checks import returns_only
from selftest.probes.syscalls.family import BAD, Family, call

#: A bit that the kernel ignores in 32-bit arguments.
_HIGH: Final = 1 << 32

_RLIMIT_CORE: Final = 4

FAMILIES: Final = (
    Family(
        "locks-never-reach-the-kernel",
        "call flock and fcntl with F_SETLK, F_OFD_SETLK and others on no descriptor",
        (
            *(
                call(name, 72, 25, BAD, command, [32])
                for name, command in (
                    ("F_SETLK", 6),
                    ("F_SETLKW", 7),
                    ("F_OFD_SETLK", 37),
                    ("F_OFD_SETLKW", 38),
                    ("F_SETLK-high-bits", _HIGH | 6),
                    ("F_OFD_SETLKW-high-bits", _HIGH | 38),
                )
            ),
            call("flock", 73, 32, BAD, 2),
            call("flock-shared", 73, 32, BAD, 1),
        ),
        "0 or EPERM for each",
        returns_only("returned 0", "EPERM"),
    ),
    Family(
        "leases-and-file-signals-are-refused",
        "call fcntl with F_SETLEASE, F_SETOWN, F_SETSIG and others",
        tuple(
            call(name, 72, 25, BAD, command, 0)
            for name, command in (
                ("F_SETLEASE", 1024),
                ("F_GETLEASE", 1025),
                ("F_NOTIFY", 1026),
                ("F_CANCELLK", 1029),
                ("F_SETOWN", 8),
                ("F_SETSIG", 10),
                ("F_SETOWN_EX", 15),
                ("F_SETLEASE-high-bits", _HIGH | 1024),
            )
        ),
    ),
    Family(
        "huge-merged-and-evicted-pages-are-refused",
        "call mmap with MAP_HUGETLB, memfd_create with MFD_HUGETLB, madvise with MERGEABLE, PAGEOUT",
        (
            call("mmap", 9, 222, 0, 0, 0, 0x40022, BAD, 0),
            call("mmap-1-GB", 9, 222, 0, 0, 0, 0x40022 | 30 << 26, BAD, 0),
            call("memfd_create", 319, 279, "name", 4),
            call("memfd_create-high-bits", 319, 279, "name", _HIGH | 4),
            call("madvise", 28, 233, 0, 0, 12),
            call("madvise-high-bits", 28, 233, 0, 0, _HIGH | 12),
            call("madvise-pageout", 28, 233, 0, 0, 21),
            call("madvise-pageout-high-bits", 28, 233, 0, 0, _HIGH | 21),
        ),
    ),
    Family(
        # Of a device, it makes pages that no cgroup counts.
        "sendfile-is-refused",
        "call sendfile on no descriptor",
        (call("sendfile", 40, 71, BAD, BAD, 0, 4096),),
        "ENOSYS or EPERM",
        returns_only("ENOSYS", "EPERM"),
    ),
    Family(
        "core-limit-cannot-be-moved",
        "set RLIMIT_CORE to 0 by setrlimit and prlimit64",
        (
            call("setrlimit", 160, 164, _RLIMIT_CORE, [16]),
            call("setrlimit-high-bits", 160, 164, _HIGH | _RLIMIT_CORE, [16]),
            call("prlimit64", 302, 261, 0, _RLIMIT_CORE, [16], 0),
            call("prlimit64-reading", 302, 261, 0, _RLIMIT_CORE, [16], [16]),
            call("prlimit64-high-bits", 302, 261, 0, _HIGH | _RLIMIT_CORE, [16], 0),
        ),
    ),
)
