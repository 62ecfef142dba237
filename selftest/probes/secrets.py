"""Identity and privileges: a script gets no data about the host or the service, and has no privilege."""

# Scripts may have long lines, and /tmp is the sandbox's own.
# ruff: noqa: E501, S108

from functools import partial
from typing import Final

from sandbox.packages import NO_DISPLAY, ONE_THREAD
from selftest.checks import returns, returns_only
from selftest.probe import Probe, job
from selftest.probes.scripts import attempt_job

_probe = partial(Probe, "secrets")

PROBES: Final = (
    _probe(
        "environment-has-only-known-variables",
        "read os.environ, C's environ and sys.argv",
        "HOME, LANG, PATH, those of packages; script.py",
        (
            job(
                """
                import ctypes, os, sys
                def main(packages):
                    block = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ")
                    raw, at = [], 0
                    while block[at]:
                        raw.append(block[at].decode())
                        at += 1
                    known = {"HOME=/tmp", "LANG=C.UTF-8", "PATH=/usr/bin"}
                    packages = set(packages)
                    python = {f"{name}={value}" for name, value in os.environ.items()}
                    return {"python": sorted(python - packages), "raw": sorted(set(raw) - known - packages),
                            "argv": sys.argv}
                """,
                inputs={"packages": [f"{name}={value}" for name, value in (*ONE_THREAD, NO_DISPLAY)]},
            ),
        ),
        returns({"python": ["HOME=/tmp", "LANG=C.UTF-8", "PATH=/usr/bin"], "raw": [], "argv": ["script.py"]}),
    ),
    _probe(
        "host-name-is-hidden",
        "read the host name and the working folder",
        "sandbox; /tmp",
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
        "job-runs-as-nobody",
        "read user, group and supplementary groups",
        "65534 only",
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
        "user-cannot-be-changed",
        "call setuid, setgid, setgroups and the like",
        "EPERM for each",
        (
            attempt_job("""
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
        returns_only("EPERM"),
    ),
    _probe(
        "job-has-no-capabilities",
        "do what needs a capability: open, chown, nice and others",
        "EACCES, EINVAL, EPERM or EROFS for each",
        (
            attempt_job("""
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
        returns_only("EACCES", "EPERM", "EINVAL", "EROFS"),
    ),
    _probe(
        "core-dumps-are-disabled",
        "read and raise RLIMIT_CORE; crash a child",
        "1 byte; refused; no dump",
        (
            attempt_job("""
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
        # The limit is 1 byte and not 0. Where core_pattern names a program, the kernel starts it outside
        # the jail and as root for every limit but 1 (fs/coredump.c).
        returns({"limit": [1, 1], "raised": "EPERM", "signal": 11, "dumped": False, "files": ["script.py"]}),
    ),
    _probe(
        "host-paths-are-hidden",
        "search sys, sysconfig and loaded modules for paths",
        "only paths of the jail",
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
                    strange = {path for path in paths if not path.startswith(("/usr", "/install", "/guest", "<")) and path not in ("/", "/tmp")}
                    return {"strange": sorted(strange)[:3]}
                """),
        ),
        returns({"strange": []}),
    ),
    _probe(
        "service-is-not-in-memory",
        "search all objects for the service's modules and words",
        "none found",
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
