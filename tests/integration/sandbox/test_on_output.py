"""A sandbox hands the output on while the job runs."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from jobs.job import Job
from jobs.limits import OUTPUT_BYTES, Limits
from jobs.mode import Mode
from jobs.stream import Stream
from sandbox.errors import SandboxFailure
from sandbox.jail.sandbox import NsjailSandbox
from sandbox.protocol import Sandbox
from sandbox.restricted.sandbox import RestrictedSandbox

_LONG = Limits(timeout=30, cpu=30)

#: They write to both outputs, and then never end.
_ENDLESS = {
    Mode.PROGRAM: "import sys\nprint('out', flush=True)\nprint('err', file=sys.stderr, flush=True)\nwhile True: pass",
    Mode.MAIN: (
        "import sys\ndef main():\n print('out', flush=True)\n print('err', file=sys.stderr, flush=True)\n"
        " while True: pass"
    ),
}


class Received:
    """The output that a sandbox has handed on."""

    def __init__(self) -> None:
        self.bytes = dict.fromkeys(Stream, b"")
        self.complete = threading.Event()

    def __call__(self, stream: Stream, data: bytes) -> None:
        self.bytes[stream] += data
        if all(self.bytes.values()):
            self.complete.set()


@contextmanager
def cancelled_when(sandbox: Sandbox, event: threading.Event) -> Iterator[None]:
    """Kill the running job of the block at an event."""

    def cancel() -> None:
        event.wait(60)
        sandbox.cancel()

    thread = threading.Thread(target=cancel)
    thread.start()
    try:
        yield
    finally:
        event.set()
        thread.join()


def _check_endless(sandbox: Sandbox, mode: Mode) -> None:
    received = Received()
    with cancelled_when(sandbox, received.complete), pytest.raises(SandboxFailure):
        sandbox.run(Job(_ENDLESS[mode], mode=mode, limits=_LONG), received)
    assert received.bytes == {Stream.STDOUT: b"out\n", Stream.STDERR: b"err\n"}


@pytest.mark.parametrize("mode", list(Mode))
def test_jail_hands_output_on_while_the_job_runs(sandbox: NsjailSandbox, mode: Mode) -> None:
    _check_endless(sandbox, mode)


@pytest.mark.parametrize("mode", list(Mode))
def test_restricted_executor_hands_output_on_while_the_job_runs(
    restricted: RestrictedSandbox, mode: Mode
) -> None:
    _check_endless(restricted, mode)


def test_sandbox_hands_on_a_beginning_of_the_outputs_up_to_their_cap(sandbox: NsjailSandbox) -> None:
    script = f"import sys\nsys.stderr.write('é' * {OUTPUT_BYTES})\nprint('x' * 300_000)\nprint('a')"
    received = Received()
    outcome = sandbox.run(Job(script, mode=Mode.PROGRAM, limits=_LONG), received)
    assert outcome.error is None
    assert outcome.stderr_truncated
    assert received.bytes[Stream.STDERR] == outcome.stderr.encode()
    assert outcome.stdout.encode().startswith(received.bytes[Stream.STDOUT])
    assert len(received.bytes[Stream.STDOUT]) >= 64 * 1024
