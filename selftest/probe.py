"""A probe: one attack on a sandbox, and how to tell that the sandbox withstood it."""

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from jobs.job import Job
from jobs.limits import Limits
from jobs.outcome import Outcome, SandboxKind

#: Judges the outcomes of a probe's jobs. Returns None if they are as required, else a phrase about them.
Check = Callable[[Sequence[Outcome]], str | None]

NSJAIL: Final = frozenset({SandboxKind.NSJAIL})
RESTRICTED: Final = frozenset({SandboxKind.RESTRICTED})
BOTH: Final = NSJAIL | RESTRICTED


@dataclass(frozen=True, slots=True)
class Probe:
    """One attack that a hostile script may try.

    Attributes:
        area: The group of probes, named like the module.
        name: The expected behaviour, in kebab case.
        tried: The attack, in one phrase.
        expected: The required outcome, in one phrase.
        jobs: The jobs, run one after the other in the same sandbox.
        check: Judges the outcomes of the jobs.
        kinds: The kinds of sandbox that must withstand it.
    """

    area: str
    name: str
    tried: str
    expected: str
    jobs: tuple[Job, ...]
    check: Check
    kinds: frozenset[SandboxKind] = NSJAIL


#: The limits of a service that names none, and the seconds that replace their times in probes.
_DEFAULT: Final = Limits()
_UNHURRIED: Final = 60.0


def job(script: str, *, limits: Limits = _DEFAULT, **fields: Any) -> Job:
    """Make a job from an indented script.

    A limit on time that a probe does not choose is not what it tests. It is long, so that no probe is missed,
    and no worker takes a weaker sandbox, because the host is slow or busy.

    Args:
        script: The script.
        limits: The limits that the probe chooses.
        fields: Other fields of the job.
    """
    timeout = _UNHURRIED if limits.timeout == _DEFAULT.timeout else limits.timeout
    cpu = _UNHURRIED if limits.cpu == _DEFAULT.cpu else limits.cpu
    return Job(textwrap.dedent(script), limits=replace(limits, timeout=timeout, cpu=cpu), **fields)
