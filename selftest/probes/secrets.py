"""Nothing to learn about the machine, the service or other jobs, and no privilege to keep."""

# Scripts may have long lines, and /tmp is the sandbox's own.
# ruff: noqa: E501, S108

from functools import partial
from typing import Final

from selftest.checks import answers, returns
from selftest.probe import Probe, job
from selftest.probes.prelude import attempts

_probe = partial(Probe, "secrets")

PROBES: Final = (
    _probe(
        "the-environment-is-ours",
        "read the environment, C's own too, and the arguments",
        "HOME, LANG and PATH",
        (
            job("""
                import ctypes, os, sys
                def main():
                    block = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ")
                    raw, at = [], 0
                    while block[at]:
                        raw.append(block[at].decode())
                        at += 1
                    known = {"HOME=/tmp", "LANG=C.UTF-8", "PATH=/usr/bin"}
                    return {"python": sorted(os.environ), "raw": sorted(set(raw) - known), "argv": sys.argv}
                """),
        ),
        returns({"python": ["HOME", "LANG", "PATH"], "raw": [], "argv": ["script.py"]}),
    ),
    _probe(
        "the-machine-has-no-name",
        "read host, domain and working folder",
        "sandbox, (none), /tmp",
        (
            job("""
                import os, socket
                def main():
                    return {"node": os.uname().nodename, "host": socket.gethostname(), "folder": os.getcwd()}
                """),
        ),
        returns({"node": "sandbox", "host": "sandbox", "folder": "/tmp"}),
    ),
    _probe(
        "nobody-with-no-group",
        "read user, group and supplementary groups",
        "65534 and no other",
        (
            job("""
                import os
                def main():
                    ids = {*os.getresuid(), *os.getresgid(), *os.getgroups()}
                    return {"ids": sorted(ids)}
                """),
        ),
        returns({"ids": [65534]}),
    ),
    _probe(
        "no-other-user-to-become",
        "setuid, setgid, setgroups to root and others",
        "EPERM for each",
        (
            attempts("""
                def main():
                    return {
                        "setuid": attempt(os.setuid, 0),
                        "setgid": attempt(os.setgid, 0),
                        "setreuid": attempt(os.setreuid, 0, 0),
                        "setresuid": attempt(os.setresuid, 0, 0, 0),
                        "setresgid": attempt(os.setresgid, 0, 0, 0),
                        "setgroups": attempt(os.setgroups, [0]),
                        "initgroups": attempt(os.initgroups, "root", 0),
                        "same": attempt(os.setuid, 65534),
                    }
                """),
        ),
        answers("EPERM"),
    ),
    _probe(
        "no-capability",
        "open a file of mode 0, give one away, use low nice values",
        "EACCES, EINVAL or EPERM",
        (
            attempts("""
                import resource
                def main():
                    os.close(os.open("/tmp/closed", os.O_CREAT, 0))
                    os.mkdir("/tmp/folder", 0)
                    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
                    def raised():
                        try:
                            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard + 1))
                        except ValueError as error:
                            raise OSError(1, str(error)) from None
                    return {
                        "dac_override": attempt(os.open, "/tmp/closed", os.O_RDWR),
                        "dac_read_search": attempt(os.listdir, "/tmp/folder"),
                        "chown": attempt(os.chown, "/tmp/closed", 0, 0),
                        "sys_nice": attempt(os.setpriority, os.PRIO_PROCESS, 0, -5),
                        "sys_resource": attempt(raised),
                        "fowner": attempt(os.chmod, "/usr/bin/python3", 0o777),
                    }
                """),
        ),
        answers("EACCES", "EPERM", "EINVAL", "EROFS"),
    ),
    _probe(
        "no-core-dump",
        "read the limit of core files; raise it; crash a child",
        "1 byte, refused, no dump",
        (
            attempts("""
                import ctypes, resource
                def main():
                    def raised():
                        try:
                            resource.setrlimit(resource.RLIMIT_CORE, (1 << 20, 1 << 20))
                        except ValueError:
                            raise OSError(1, "refused") from None
                    pid = os.fork()
                    if pid == 0:
                        ctypes.string_at(0)
                    status = os.waitpid(pid, 0)[1]
                    return {
                        "limit": resource.getrlimit(resource.RLIMIT_CORE),
                        "raised": attempt(raised),
                        "signal": os.WTERMSIG(status),
                        "dumped": os.WCOREDUMP(status),
                        "files": os.listdir("/tmp"),
                    }
                """),
        ),
        # Not 0: where crashes are handed to a program, the kernel starts it, outside and as root,
        # whatever the limit is, unless it is 1 byte.
        returns({"limit": [1, 1], "raised": "EPERM", "signal": 11, "dumped": False, "files": []}),
    ),
    _probe(
        "no-path-of-the-machine",
        "search sys, sysconfig and loaded modules for paths",
        "none but the jail's own",
        (
            job("""
                import glob, json, os, sys, sysconfig
                def main():
                    config = sysconfig.get_config_vars()
                    paths = {*sys.path, sys.prefix, sys.base_prefix, sys.exec_prefix, sys.executable, os.__file__}
                    paths |= set(sysconfig.get_paths().values()) | {config["prefix"], config["exec_prefix"]}
                    for module in (glob, json, os, sysconfig):
                        functions = [f for f in vars(module).values() if hasattr(f, "__code__")]
                        paths |= {module.__file__} | {f.__code__.co_filename for f in functions}
                    strange = {path for path in paths if not path.startswith(("/usr", "/install", "/guest", "<")) and path != "/"}
                    return {"strange": sorted(strange)[:3]}
                """),
        ),
        returns({"strange": []}),
    ),
    _probe(
        "nothing-of-the-service-in-memory",
        "search all objects for the service's modules and names",
        "none",
        (
            job("""
                import gc, sys
                def main():
                    modules = [name for name in sys.modules if name.split(".")[0] in
                               ("api", "celery", "config", "flask", "jobs", "redis", "sandbox", "selftest", "store", "validation", "worker")]
                    words = ("REDIS", "redis://", "python-executor", "celery")
                    def strings():
                        for thing in gc.get_objects():
                            if isinstance(thing, dict) and thing is not sys.modules:
                                yield from (v for v in list(thing.values()) if isinstance(v, str) and len(v) < 4096)
                    hits = {word for text in strings() for word in words if word in text and "words" not in text}
                    return {"modules": modules, "words": sorted(hits)}
                """),
        ),
        returns({"modules": [], "words": []}),
    ),
)
