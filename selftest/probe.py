"""A probe: what is tried in a sandbox, and how to tell that the sandbox held."""

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from jobs.job import Job
from jobs.outcome import Outcome, SandboxKind

#: Looks at the outcomes of a probe's jobs. Returns None if the sandbox held, else a phrase of what was seen.
Check = Callable[[Sequence[Outcome]], str | None]

NSJAIL: Final = frozenset({SandboxKind.NSJAIL})
RESTRICTED: Final = frozenset({SandboxKind.RESTRICTED})
BOTH: Final = NSJAIL | RESTRICTED


@dataclass(frozen=True, slots=True)
class Probe:
    """One thing a hostile script may try.

    name: the behaviour that must be seen, in kebab case.
    tried, expected: one phrase each, for people.
    jobs: run one after the other in the same sandbox.
    kinds: the sandboxes that must hold.
    """

    area: str
    name: str
    tried: str
    expected: str
    jobs: tuple[Job, ...]
    check: Check
    kinds: frozenset[SandboxKind] = NSJAIL


def job(script: str, **fields: Any) -> Job:
    """Make a job of an indented script; `fields` are the job's others."""
    return Job(textwrap.dedent(script), **fields)
