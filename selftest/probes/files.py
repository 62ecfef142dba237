"""Files: a script sees no file of the host and can write only to /tmp."""

# Scripts may have long lines, and /tmp is the sandbox's own.
# ruff: noqa: E501, S108

from functools import partial
from typing import Final

from selftest.checks import returns, returns_only
from selftest.probe import Probe, job
from selftest.probes.scripts import attempt_job

_probe = partial(Probe, "files")

#: Files and folders that some hosts have. A script must see none of them.
_HOST: Final = [
    "/etc/passwd", "/etc/shadow", "/etc/hostname", "/etc/resolv.conf", "/etc", "/root", "/home", "/var", "/run",
    "/var/run/docker.sock", "/run/systemd/notify", "/dev/log", "/sys", "/sys/fs/cgroup", "/boot", "/opt", "/srv",
    "/mnt", "/media", "/bin/sh", "/bin/bash", "/usr/bin/env", "/usr/local", "/usr/sbin", "/.dockerenv", "/data",
    "/var/run/secrets/kubernetes.io/serviceaccount/token", "/app", "/workspace", "/old_root", "/.old_root",
]  # fmt: skip
_PROC: Final = [
    "/proc", "/proc/self", "/proc/self/environ", "/proc/self/mem", "/proc/self/maps", "/proc/self/fd",
    "/proc/self/root", "/proc/1/cmdline", "/proc/1/environ", "/proc/mounts", "/proc/cmdline", "/proc/kcore",
    "/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/keys", "/dev/fd",
]  # fmt: skip
_DEVICES: Final = [
    "/dev/mem", "/dev/kmem", "/dev/port", "/dev/kmsg", "/dev/tty", "/dev/ptmx", "/dev/pts", "/dev/console",
    "/dev/mqueue", "/dev/fuse", "/dev/kvm", "/dev/net/tun", "/dev/loop-control", "/dev/sda", "/dev/vda",
    "/dev/userfaultfd", "/dev/mapper/control", "/dev/vsock", "/dev/vhost-net", "/dev/full",
]  # fmt: skip

_OPEN_EACH: Final = """
    def main(paths):
        return {path: attempt(os.open, path, os.O_RDONLY | os.O_NONBLOCK) for path in paths}
    """

PROBES: Final = (
    _probe(
        "host-files-are-hidden",
        f"open {len(_HOST)} files and folders of the host",
        "ENOENT for each",
        (attempt_job(_OPEN_EACH, inputs={"paths": _HOST}),),
        returns_only("ENOENT"),
    ),
    _probe(
        "proc-is-not-mounted",
        "open /proc/self/mem, /proc/1/environ and others",
        "ENOENT for each",
        (attempt_job(_OPEN_EACH, inputs={"paths": _PROC}),),
        returns_only("ENOENT"),
    ),
    _probe(
        "host-devices-are-hidden",
        "open memory, terminals, disks, tunnels",
        "ENOENT for each",
        (attempt_job(_OPEN_EACH, inputs={"paths": _DEVICES}),),
        returns_only("ENOENT"),
    ),
    _probe(
        "dev-has-four-devices",
        "list /dev, the device numbers and the links",
        "null, zero, random, urandom; links to /tmp and to the process itself",
        (
            job("""
                import os
                def main():
                    paths = [f"/dev/{name}" for name in os.listdir("/dev")]
                    targets = [os.readlink(path) for path in paths if os.path.islink(path)]
                    numbers = {path: os.stat(path).st_rdev for path in paths if not os.path.islink(path)}
                    devices = {os.path.basename(path): [os.major(n), os.minor(n)] for path, n in numbers.items()}
                    others = [target for target in targets if not (target + "/").startswith(("/tmp/", "/proc/self/fd/"))]
                    return {"devices": devices, "other links": others}
                """),
        ),
        returns(
            {
                "devices": {"null": [1, 3], "zero": [1, 5], "random": [1, 8], "urandom": [1, 9]},
                "other links": [],
            }
        ),
    ),
    _probe(
        "root-has-only-the-interpreter",
        "list /, /usr, /usr/bin and /tmp",
        "no unknown name",
        (
            job("""
                import os
                def main():
                    known = {
                        "/": {"dev", "guest", "lib", "lib64", "tmp", "usr"},
                        "/usr": {"bin", "lib", "lib64", "share"},
                        "/usr/bin": {"python3"},
                        "/usr/share": {"zoneinfo"},
                        "/tmp": {"script.py"},
                    }
                    there = {folder: set(os.listdir(folder)) for folder in known if os.path.isdir(folder)}
                    return {folder: sorted(names - known[folder]) for folder, names in there.items()}
                """),
        ),
        returns({"/": [], "/usr": [], "/usr/bin": [], "/usr/share": [], "/tmp": []}),
    ),
    _probe(
        "mount-flags-are-restrictive",
        "read the flags of all mounts",
        "read-only or noexec; nosuid, nodev",
        (
            job("""
                import os
                def main():
                    ro, nosuid, nodev, noexec = os.ST_RDONLY, os.ST_NOSUID, os.ST_NODEV, os.ST_NOEXEC
                    wanted = {"/": ro | nosuid | nodev, "/usr": ro | nosuid | nodev, "/dev": ro | nosuid | nodev}
                    wanted |= {"/tmp": nosuid | nodev | noexec, "/dev/null": nosuid | noexec}
                    names = {ro: "read-only", nosuid: "nosuid", nodev: "nodev", noexec: "noexec"}
                    lacks = {path: wanted[path] & ~os.statvfs(path).f_flag for path in wanted}
                    return {path: [name for flag, name in names.items() if flag & lack] for path, lack in lacks.items()}
                """),
        ),
        returns({"/": [], "/usr": [], "/dev": [], "/tmp": [], "/dev/null": []}),
    ),
    _probe(
        "only-tmp-accepts-new-files",
        "create a file in every folder",
        "EROFS for each",
        (
            attempt_job("""
                def main():
                    folders = [folder for folder, _, _ in os.walk("/") if not folder.startswith("/tmp")]
                    made = {f: attempt(os.open, f"{f}/x", os.O_CREAT | os.O_WRONLY, 0o600) for f in folders}
                    return made if len(made) > 20 else {"folders": len(made)}
                """),
        ),
        returns_only("EROFS"),
    ),
    _probe(
        "standard-library-is-read-only",
        "write, truncate, replace, remove, chmod its files",
        "an error for each",
        (
            attempt_job("""
                import glob, json
                def main():
                    json_py = json.__file__
                    (loader,) = glob.glob("/lib*/ld-linux-*.so.*")
                    open("/tmp/new.py", "w").close()
                    return {
                        "write": attempt(os.open, json_py, os.O_WRONLY),
                        "append": attempt(os.open, json_py, os.O_WRONLY | os.O_APPEND),
                        "truncate": attempt(os.truncate, json_py, 0),
                        "replace": attempt(os.rename, os.__file__, json_py),
                        "remove": attempt(os.unlink, json_py),
                        "chmod": attempt(os.chmod, json_py, 0o777),
                        "touch": attempt(os.utime, json_py),
                        "interpreter": attempt(os.open, "/usr/bin/python3", os.O_RDWR),
                        "loader": attempt(os.unlink, loader),
                        "rename-folder": attempt(os.rename, "/usr", "/usr2"),
                    }
                """),
        ),
        returns_only("EROFS", "EACCES", "EBUSY", "ENOENT"),
    ),
    _probe(
        "links-do-not-leave-the-jail",
        "make symbolic and hard links to files outside /tmp",
        "ENOENT for symbolic; EXDEV, EROFS for hard",
        (
            attempt_job("""
                def main():
                    os.symlink("/etc/passwd", "/tmp/absolute")
                    os.symlink("../../../../../../etc/passwd", "/tmp/relative")
                    os.symlink("/proc/1/root", "/tmp/proc")
                    return {
                        "absolute": attempt(os.open, "/tmp/absolute", os.O_RDONLY),
                        "relative": attempt(os.open, "/tmp/relative", os.O_RDONLY),
                        "proc": attempt(os.listdir, "/tmp/proc"),
                        "hard": attempt(os.link, "/usr/bin/python3", "/tmp/python3"),
                        "beside": attempt(os.link, "/usr/bin/python3", "/usr/bin/python4"),
                    }
                """),
        ),
        returns(
            {"absolute": "ENOENT", "relative": "ENOENT", "proc": "ENOENT", "hard": "EXDEV", "beside": "EROFS"}
        ),
    ),
    _probe(
        "parent-of-root-is-root",
        "open .. from / and from a descriptor of /",
        "the same folder; ENOENT",
        (
            attempt_job("""
                def main():
                    root = os.open("/", os.O_RDONLY)
                    up = os.open("../../..", os.O_RDONLY, dir_fd=root)
                    identity = lambda fd: (os.fstat(fd).st_dev, os.fstat(fd).st_ino)
                    os.fchdir(up)
                    os.chdir("../../../..")
                    return {
                        "same": identity(root) == identity(up) == identity(os.open(".", os.O_RDONLY)),
                        "passwd": attempt(os.open, "../../../etc/passwd", os.O_RDONLY, dir_fd=up),
                    }
                """),
        ),
        returns({"same": True, "passwd": "ENOENT"}),
    ),
    _probe(
        "no-descriptors-are-inherited",
        "look at 4096 descriptors",
        "0 to 3, and no folder",
        (
            attempt_job("""
                def main():
                    there = [fd for fd in range(4096) if attempt(os.fstat, fd) == "done"]
                    return {"open": there, "folders": [fd for fd in there if attempt(os.fchdir, fd) == "done"]}
                """),
        ),
        returns({"open": [0, 1, 2, 3], "folders": []}),
    ),
    _probe(
        "no-setuid-or-writable-files",
        "search all files for setuid bits and write access",
        "none but null, zero, /tmp and the script",
        (
            job("""
                import os, stat
                def main():
                    special, writable = [], []
                    for folder, folders, files in os.walk("/"):
                        for path in (os.path.join(folder, name) for name in folders + files):
                            if os.lstat(path).st_mode & (stat.S_ISUID | stat.S_ISGID):
                                special.append(path)
                            if os.access(path, os.W_OK) and not os.path.islink(path):
                                writable.append(path)
                    return {"special": special, "writable": sorted(set(writable) - {"/dev/random", "/dev/urandom"})}
                """),
        ),
        returns({"special": [], "writable": ["/dev/null", "/dev/zero", "/tmp", "/tmp/script.py"]}),
    ),
    _probe(
        "tmp-is-noexec",
        "execute and map a copy of the interpreter in /tmp",
        "EACCES; EPERM",
        (
            attempt_job("""
                import mmap, shutil
                def main():
                    shutil.copy("/usr/bin/python3", "/tmp/p")
                    os.chmod("/tmp/p", 0o4755)
                    fd = os.open("/tmp/p", os.O_RDONLY)
                    mapped = attempt(mmap.mmap, fd, 4096, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_EXEC)
                    return {"execute": attempt(os.execv, "/tmp/p", ["p", "-c", ""]), "map": mapped}
                """),
        ),
        returns({"execute": "EACCES", "map": "EPERM"}),
    ),
    _probe(
        "mknod-is-refused",
        "create device nodes of disks and memory in /tmp",
        "EPERM for each",
        (
            attempt_job("""
                import stat
                def main():
                    nodes = {"disk": (stat.S_IFBLK, 8, 0), "virtual": (stat.S_IFBLK, 254, 0)}
                    nodes |= {"mem": (stat.S_IFCHR, 1, 1), "kmsg": (stat.S_IFCHR, 1, 11), "null": (stat.S_IFCHR, 1, 3)}
                    return {
                        name: attempt(os.mknod, f"/tmp/{name}", kind | 0o666, os.makedev(major, minor))
                        for name, (kind, major, minor) in nodes.items()
                    }
                """),
        ),
        returns_only("EPERM"),
    ),
    _probe(
        "host-programs-are-absent",
        "run sh, ls, mount, su, nsjail",
        "ENOENT for each",
        (
            attempt_job("""
                import subprocess
                def main():
                    programs = ["/bin/sh", "sh", "ls", "mount", "su", "sudo", "nsenter", "nsjail", "/usr/sbin/nsjail"]
                    return {name: attempt(subprocess.run, [name]) for name in programs}
                """),
        ),
        returns_only("ENOENT"),
    ),
)
