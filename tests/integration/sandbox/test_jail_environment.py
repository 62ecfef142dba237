"""The environment of a job in a jail: modules, descriptors, variables, files and system calls."""

from sandbox.isolation import Isolation
from sandbox.jail.sandbox import NsjailSandbox
from tests.support.jail import nsjail_sandbox
from tests.support.scripts import run_script


def test_fresh_jail_imports_no_module_that_takes_long(nsjail: None) -> None:
    with nsjail_sandbox(Isolation.FRESH) as fresh:
        outcome = run_script(fresh, "import sys\ndef main(): return {'modules': sorted(sys.modules)}")
    assert outcome.result is not None
    slow_imports = {
        "collections",
        "contextlib",
        "enum",
        "functools",
        "json",
        "re",
        "socket",
        "types",
        "typing",
    }
    assert not slow_imports & set(outcome.result["modules"])


def test_job_has_only_four_descriptors_and_a_minimal_environment(sandbox: NsjailSandbox) -> None:
    outcome = run_script(
        sandbox,
        """
        import os
        def main():
            def is_open(fd):
                try: return bool(os.fstat(fd))
                except OSError: return False
            return {"fds": [fd for fd in range(256) if is_open(fd)], "env": dict(os.environ), "root": sorted(os.listdir("/"))}
        """,
    )
    assert outcome.result is not None
    assert outcome.result["fds"] == [0, 1, 2, 3]
    assert outcome.result["env"] == {"HOME": "/tmp", "LANG": "C.UTF-8", "PATH": "/usr/bin"}
    assert set(outcome.result["root"]) <= {"dev", "guest", "lib", "lib64", "tmp", "usr"}


def test_jobs_have_separate_tmp_folders(sandbox: NsjailSandbox) -> None:
    script = "import os\ndef main():\n    before = os.listdir('/tmp')\n    open('/tmp/mine', 'w').close()\n    return {'before': before}"
    for _ in range(2):
        assert run_script(sandbox, script).result == {"before": ["script.py"]}


def test_job_cannot_use_f_notify(sandbox: NsjailSandbox) -> None:
    outcome = run_script(
        sandbox,
        """
        import fcntl, os
        def main():
            fd = os.open("/usr/lib", os.O_RDONLY)
            try: fcntl.fcntl(fd, fcntl.F_NOTIFY, fcntl.DN_ACCESS | fcntl.DN_MULTISHOT)
            except PermissionError: return {"refused": True}
            return {"refused": False}
        """,
    )
    assert outcome.result == {"refused": True}


def test_fsync_and_fadvise_succeed_in_a_job(sandbox: NsjailSandbox) -> None:
    outcome = run_script(
        sandbox,
        """
        import os
        def main():
            with open("/tmp/file", "w") as file:
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            with open(os.__file__, "rb") as file:
                os.fsync(file.fileno())
            return {}
        """,
    )
    assert outcome.result == {}


def test_script_cannot_kill_its_init_with_any_signal(sandbox: NsjailSandbox) -> None:
    outcome = run_script(
        sandbox,
        """
        import os, signal
        def main():
            for number in sorted(signal.valid_signals()):
                os.kill(1, number)
            return {"alive": True}
        """,
    )
    assert outcome.result == {"alive": True}
