"""The resource limits that a job sees, compared with the table of the reference."""

import re
import resource
from typing import Final

from jobs.limits import MB, Limits
from sandbox.jail.sandbox import NsjailSandbox
from sandbox.protocol import Sandbox
from sandbox.restricted.sandbox import RestrictedSandbox
from tests.support.documents import document
from tests.support.scripts import run_script

#: RLIMIT_LOCKS, which the module `resource` does not have (include/uapi/asm-generic/resource.h).
_NUMBERS: Final = {"RLIMIT_LOCKS": 10} | {
    name: getattr(resource, name) for name in dir(resource) if name.startswith("RLIMIT_")
}

_LIMITS: Final = Limits(cpu=3)


def _seen(sandbox: Sandbox) -> dict[int, list[int]]:
    script = """
    import resource
    def main():
        return {str(number): resource.getrlimit(number) for number in range(16)}
    """
    outcome = run_script(sandbox, script, limits=_LIMITS)
    assert outcome.result is not None, outcome.error
    return {int(number): limits for number, limits in outcome.result.items()}


def _documented(column: int) -> dict[int, str]:
    rows = document("docs/reference/limits.md").table("Limits of each process")
    return {_NUMBERS[row[0].strip("`")]: row[column] for row in rows}


def _agrees(number: int, text: str, seen: list[int]) -> bool:
    """Return whether a soft and a hard limit are as the table states."""
    if text == "as the worker":
        return seen[1] == resource.getrlimit(number)[1]
    if found := re.fullmatch(r"`cpu` \+ (\d), hard \+ (\d)", text):
        return seen == [_LIMITS.cpu + int(more) for more in found.groups()]
    if text == "`memory_mb`, in addition to the runner's own address space":
        return seen[0] == seen[1] and 0 < seen[0] - _LIMITS.memory_mb * MB < 1024 * MB
    if text == "unlimited":
        return seen == [resource.RLIM_INFINITY] * 2
    amount, _, unit = text.partition(" ")
    return seen == [int(amount) * {"": 1, "MB": MB}[unit]] * 2


def test_table_lists_every_limit() -> None:
    assert sorted(_documented(1)) == list(range(16))


def test_jail_has_the_documented_limits(sandbox: NsjailSandbox) -> None:
    seen = _seen(sandbox)
    wrong = {n: seen[n] for n, text in _documented(1).items() if not _agrees(n, text, seen[n])}
    assert not wrong


def test_restricted_executor_has_the_documented_limits(kernel_layer: RestrictedSandbox) -> None:
    seen = _seen(kernel_layer)
    wrong = {n: seen[n] for n, text in _documented(2).items() if not _agrees(n, text, seen[n])}
    assert not wrong


def test_restricted_kernel_layer_queues_few_signals(kernel_layer: RestrictedSandbox) -> None:
    outcome = run_script(
        kernel_layer,
        """
        import signal, threading
        def main():
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGRTMIN})
            for queued in range(1000):
                try: signal.pthread_kill(threading.get_ident(), signal.SIGRTMIN)
                except BlockingIOError: break
            return {"queued": queued}
        """,
    )
    assert outcome.result is not None, outcome.error
    assert 0 < outcome.result["queued"] <= 256
