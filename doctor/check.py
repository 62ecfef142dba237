"""One check, run in a child process of its own and bound in time."""

import ctypes
import json
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Final, NoReturn

from doctor.finding import Finding, Status

#: Seconds that a check may take to remove its files and processes once its time is over.
_UNWIND: Final = 10.0

#: The most bytes of findings that are read from a check.
_FINDINGS_MAX: Final = 1_000_000

_PR_SET_PDEATHSIG: Final = 1


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        name: The name of its first finding.
        examine: Yields its findings. It may take the process's privileges away, block or crash.
        seconds: The time that it may take.
        unwind: The time that it may take to end after that.
        others: The names of its other findings.
        memory: Bytes of address space that it may have; None means no limit.
    """

    name: str
    examine: Callable[[], Iterable[Finding]]
    seconds: float = 10.0
    unwind: float = _UNWIND
    others: tuple[str, ...] = ()
    memory: int | None = None


def run(check: Check) -> Generator[Finding]:
    """Run a check and yield its findings as they come. A fault of the check itself is a finding too."""
    read, write = os.pipe()
    parent = os.getpid()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if not child:
        os.close(read)
        _examine(check, write, parent)
    os.close(write)
    in_time = False
    try:
        for line in _lines(read, time.monotonic() + check.seconds):
            yield _decode(line)
        in_time = True
    except TimeoutError:
        yield _faulty(check, f"not finished after {check.seconds:g} seconds")
    except OverflowError:
        yield _faulty(check, f"its findings have more than {_FINDINGS_MAX} bytes")
    finally:
        os.close(read)
        status = _end(child, check.unwind, ending=in_time)
    if in_time and status:
        yield _faulty(check, f"the check ended with {_describe(status)}")


def _examine(check: Check, write: int, parent: int) -> NoReturn:
    """Run the check in the child process, which ends here."""
    try:
        # A group of its own: Ctrl-C reaches the parent, which then ends this process.
        os.setpgid(0, 0)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: sys.exit(0))
        _end_with(parent)
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in range(3):
            os.dup2(null, descriptor)
        if check.memory is not None:
            resource.setrlimit(resource.RLIMIT_AS, (check.memory, check.memory))
        for finding in check.examine():
            os.write(write, json.dumps(asdict(finding)).encode() + b"\n")
    except Exception as error:  # noqa: BLE001 -- a fault of a check is a finding
        fault = _faulty(check, f"the check failed: {type(error).__name__}: {error}")
        with suppress(OSError):
            os.write(write, json.dumps(asdict(fault)).encode() + b"\n")
    except SystemExit:
        # The time is over, and the stack has been unwound.
        pass
    finally:
        os._exit(0)


def _end_with(parent: int) -> None:
    """Have the kernel end this process when its parent dies."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(0)


def _lines(descriptor: int, deadline: float) -> Iterator[bytes]:
    """Yield the lines from a pipe up to its end.

    Raises:
        TimeoutError: The deadline has come.
        OverflowError: There are too many bytes.
    """
    rest, size = b"", 0
    while size < _FINDINGS_MAX:
        if not select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))[0]:
            raise TimeoutError
        chunk = os.read(descriptor, 65536)
        if not chunk:
            return
        size += len(chunk)
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines
    raise OverflowError


def _end(child: int, unwind: float, *, ending: bool) -> int:
    """End the child and its process group; return the child's wait status.

    Args:
        child: The process.
        unwind: Seconds that it may take to end by itself.
        ending: Whether it is ending by itself. Otherwise SIGTERM tells it to.
    """
    if not ending:
        os.kill(child, signal.SIGTERM)
    _has_ended(child, unwind)
    # The child is still unreaped, so the number of its group is not in use by others.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    # A process that hangs in the kernel does not end. It is left to whatever reaps orphans.
    return os.waitpid(child, 0)[1] if _has_ended(child, unwind) else signal.SIGKILL


def _has_ended(child: int, within: float) -> bool:
    """Wait until the child has ended, but do not reap it. Return whether it has."""
    deadline = time.monotonic() + within
    while not os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


def _decode(line: bytes) -> Finding:
    fields = json.loads(line)
    return Finding(**{**fields, "status": Status(fields["status"])})


def _describe(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return signal.Signals(-code).name if code < 0 else f"exit status {code}"


def _faulty(check: Check, what: str) -> Finding:
    return Finding.failed(check.name, what, f"{' '.join(REPEAT)}  # and report this if it stays")


#: The command that examines the host again.
REPEAT: Final = ("python-executor", "doctor", "--json")
