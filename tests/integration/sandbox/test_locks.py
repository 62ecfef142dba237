"""Locks in a jail: every call succeeds, and none reaches the kernel."""

from sandbox.jail.sandbox import NsjailSandbox
from tests.support.scripts import run_script


def test_lockf_and_flock_succeed_in_a_job(sandbox: NsjailSandbox) -> None:
    outcome = run_script(
        sandbox,
        """
        import fcntl
        def main():
            with open("/tmp/file", "w") as first, open("/tmp/file", "w") as second:
                for file in (first, second):
                    fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    fcntl.flock(file, fcntl.LOCK_EX)
                fcntl.lockf(first, fcntl.LOCK_UN)
            return {}
        """,
    )
    assert outcome.result == {}, outcome.error


def test_sqlite_serves_two_connections_in_both_journal_modes(sandbox: NsjailSandbox) -> None:
    outcome = run_script(
        sandbox,
        """
        import os, sqlite3
        def main():
            seen = {}
            for mode in ("delete", "wal"):
                path = f"/tmp/{mode}.db"
                first, second = (sqlite3.connect(path, timeout=0) for _ in range(2))
                seen[mode] = [first.execute(f"pragma journal_mode={mode}").fetchone()[0]]
                first.execute("create table numbers (n integer)")
                for at in range(100):
                    with (first, second)[at % 2] as connection:
                        connection.execute("insert into numbers values (?)", (at,))
                first.execute("begin immediate")
                try:
                    second.execute("begin immediate")
                except sqlite3.OperationalError as error:
                    seen[mode].append(str(error))
                first.rollback()
                if os.fork() == 0:
                    with sqlite3.connect(path) as third:
                        third.execute("insert into numbers values (100)")
                    os._exit(0)
                os.wait()
                seen[mode] += second.execute("select sum(n) from numbers").fetchone()
                seen[mode] += second.execute("pragma integrity_check").fetchone()
            return seen
        """,
    )
    assert outcome.result == {mode: [mode, "database is locked", 5050, "ok"] for mode in ("delete", "wal")}, (
        outcome.error
    )


def test_getlk_sees_no_lock_after_a_lock_was_set(sandbox: NsjailSandbox) -> None:
    outcome = run_script(
        sandbox,
        """
        import fcntl, os, struct
        def main():
            lock = struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0)
            fd = os.open("/tmp/file", os.O_CREAT | os.O_RDWR)
            fcntl.fcntl(fd, fcntl.F_SETLK, lock)
            if os.fork() == 0:
                os._exit(struct.unpack("hhqqi4x", fcntl.fcntl(fd, fcntl.F_GETLK, lock))[0])
            return {"kind": os.WEXITSTATUS(os.wait()[1]), "unlocked": fcntl.F_UNLCK}
        """,
    )
    assert outcome.result == {"kind": 2, "unlocked": 2}, outcome.error
