"""System calls that make or enter namespaces, or change the view of the file system."""

# /tmp is the sandbox's own.
# ruff: noqa: S108

from typing import Final

from selftest.probes.syscalls.family import (
    AT_FDCWD,
    BAD,
    CLONE_NEWNET,
    CLONE_NEWUSER,
    Family,
    call,
    common_call,
)

_SIGCHLD: Final = 17

#: unshare takes this flag and clone does not: it is within the bits of clone's exit signal.
_CLONE_NEWTIME: Final = 0x80

_OTHER_FLAGS: Final = {
    "mount": 0x00020000,
    "pid": 0x20000000,
    "net": CLONE_NEWNET,
    "ipc": 0x08000000,
    "uts": 0x04000000,
    "cgroup": 0x02000000,
}
_ALL_FLAGS: Final = CLONE_NEWUSER | sum(_OTHER_FLAGS.values())

FAMILIES: Final = (
    Family(
        "user-namespaces-are-refused",
        "call unshare and clone with CLONE_NEWUSER",
        (
            call("unshare", 272, 97, CLONE_NEWUSER),
            call("unshare-all", 272, 97, _ALL_FLAGS),
            call("clone", 56, 220, CLONE_NEWUSER | _SIGCHLD, 0, 0, 0, 0),
            call("clone-net", 56, 220, CLONE_NEWUSER | CLONE_NEWNET | _SIGCHLD, 0, 0, 0, 0),
            call("clone-high-bits", 56, 220, (1 << 32) | CLONE_NEWUSER | _SIGCHLD, 0, 0, 0, 0),
        ),
    ),
    Family(
        "other-namespaces-are-refused",
        "call unshare and clone with every other namespace",
        (
            *(call(f"unshare-{name}", 272, 97, flag) for name, flag in _OTHER_FLAGS.items()),
            *(
                call(f"clone-{name}", 56, 220, flag | _SIGCHLD, 0, 0, 0, 0)
                for name, flag in _OTHER_FLAGS.items()
            ),
            call("unshare-time", 272, 97, _CLONE_NEWTIME),
        ),
    ),
    Family(
        "unshare-is-refused",
        "unshare files, folder, semaphores",
        (
            call("files", 272, 97, 0x400),
            call("folder", 272, 97, 0x200),
            call("semaphores", 272, 97, 0x40000),
            call("nothing", 272, 97, 0),
        ),
    ),
    Family(
        "setns-is-refused",
        "call setns on descriptors and processes",
        (call("setns", 308, 268, 3, 0), call("setns-net", 308, 268, BAD, CLONE_NEWNET)),
    ),
    Family(
        "mount-is-refused",
        "mount, remount, bind, unmount",
        (
            call("mount", 165, 40, BAD, BAD, BAD, 0, 0),
            call("tmpfs", 165, 40, "none", "/tmp", "tmpfs", 0, 0),
            call("remount", 165, 40, "none", "/", 0, 0x20 | 0x1000, 0),
            call("proc", 165, 40, "proc", "/tmp", "proc", 0, 0),
            call("umount", 166, 39, BAD, 0x1000),
            call("umount-tmp", 166, 39, "/tmp", 2),
        ),
    ),
    Family(
        "new-mount-calls-are-refused",
        "call fsopen, fsmount, open_tree, move_mount and others",
        (
            common_call("open_tree", 428, AT_FDCWD, "/", 0x8000),
            common_call("open_tree-plain", 428, AT_FDCWD, "/nowhere", 0),
            common_call("move_mount", 429, BAD, "", BAD, "", 0x44),
            common_call("fsopen", 430, BAD, 0),
            common_call("fsconfig", 431, BAD, 0, 0, 0, 0),
            common_call("fsmount", 432, BAD, 0, 0),
            common_call("fspick", 433, BAD, BAD, 0),
            common_call("mount_setattr", 442, BAD, "", 0x1000, [32], 32),
            common_call("statmount", 457, [24], [64], 64, 0),
            common_call("listmount", 458, [24], [64], 8, 0),
        ),
    ),
    Family(
        "chroot-is-refused",
        "call chroot and pivot_root",
        (
            call("chroot", 161, 51, BAD),
            call("chroot-tmp", 161, 51, "/tmp"),
            call("pivot_root", 155, 41, "/tmp", "/tmp"),
        ),
    ),
    Family(
        "file-handles-are-refused",
        "call name_to_handle_at, open_by_handle_at",
        (
            call("name_to_handle_at", 303, 264, AT_FDCWD, "/", [136], [4], 0),
            call("open_by_handle_at", 304, 265, BAD, [136], 0),
        ),
    ),
)
