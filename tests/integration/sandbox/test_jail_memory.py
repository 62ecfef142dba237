"""The memory limit when many jobs run one after another under one nsjail process."""

from jobs.job import Job
from jobs.limits import Limits
from jobs.outcome import ErrorType
from sandbox.jail.sandbox import NsjailSandbox
from tests.support.scripts import error_of, run_script

_TRIVIAL = Job("def main(): return {'a': 1}")


def test_memory_limit_kills_only_the_job_when_it_has_many_processes(recycling: NsjailSandbox) -> None:
    hog = """
        import os
        def main():
            for _ in range(20):
                if os.fork() == 0: break
            data = bytearray(40 << 20)
            while True: pass
    """
    outcome = run_script(recycling, hog, limits=Limits(timeout=5))
    assert error_of(outcome)[0] == ErrorType.MEMORY_LIMIT
    assert recycling.run(_TRIVIAL).result == {"a": 1}


def test_memory_limit_holds_only_for_its_own_job(recycling: NsjailSandbox) -> None:
    grab = "def main():\n    bytearray(60 << 20)\n    return {}"
    assert run_script(recycling, grab, limits=Limits(memory_mb=256)).error is None
    assert error_of(run_script(recycling, grab, limits=Limits(memory_mb=32)))[0] == ErrorType.MEMORY_LIMIT
    assert run_script(recycling, grab, limits=Limits(memory_mb=256)).error is None


def test_next_job_has_its_full_memory_when_the_kernel_frees_old_memory_late(
    recycling: NsjailSandbox,
) -> None:
    # Each socket holds the next one in an unread message, so the kernel frees them one after another.
    chain = """
        import array, os, socket
        def main():
            files = []
            for _ in range(3):
                files.append(os.memfd_create("x"))
                for _ in range(60): os.write(files[-1], bytes(1 << 20))
            def send(sock, fds):
                sock.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))])
            one, other = socket.socketpair()
            send(one, files)
            for fd in files: os.close(fd)
            one.close()
            last, length = other.detach(), 0
            try:
                for length in range(230):
                    one, other = socket.socketpair()
                    send(one, [last])
                    os.close(last)
                    one.close()
                    last = other.detach()
            except OSError:
                pass
            one, other = socket.socketpair()
            send(one, [last, other.fileno()])
            os.close(last)
            return {"long": length > 100}
    """
    fill = "def main():\n    return {'filled': len(b'x' * (150 << 20)) > 0}"
    for _ in range(3):
        assert run_script(recycling, chain).result == {"long": True}
        assert run_script(recycling, fill).result == {"filled": True}


def test_memory_limit_is_exact_when_earlier_jobs_filled_kernel_caches(recycling: NsjailSandbox) -> None:
    fill = """
        import os
        def main():
            for number in range(100_000):
                try: os.stat("/usr/lib/" + str(number).rjust(245, "x"))
                except OSError: pass
            return {}
    """
    for _ in range(4):
        run_script(recycling, fill, limits=Limits(timeout=30, cpu=30))
    outcome = run_script(
        recycling, "def main():\n    bytearray(300 << 20)\n    return {}", limits=Limits(memory_mb=256)
    )
    assert error_of(outcome)[0] == ErrorType.MEMORY_LIMIT


def test_next_job_works_when_the_last_job_filled_memory_through_descriptors(recycling: NsjailSandbox) -> None:
    hog = """
        import os
        def main():
            while True:
                fd = os.memfd_create("x")
                for _ in range(60): os.write(fd, bytes(1 << 20))
    """
    for _ in range(3):
        outcome = run_script(recycling, hog)
        assert error_of(outcome)[0] == ErrorType.MEMORY_LIMIT
        assert recycling.run(_TRIVIAL).result == {"a": 1}
