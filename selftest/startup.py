"""The start-up check: a few decisive probes that every worker runs before it takes jobs."""

from typing import Final

from sandbox.errors import SandboxFailure
from sandbox.protocol import Sandbox
from selftest import catalogue
from selftest.finding import run_probe

#: The worker runs these probes in this order, if they apply to the kind of sandbox. If one is missed, the
#: worker does not start.
PROBE_NAMES: Final = (
    "ordinary-job-succeeds",
    "host-files-are-hidden",
    "socket-families-except-unix-are-refused",
    "host-processes-are-hidden",
    "user-namespaces-are-refused",
    "large-object-exceeds-memory",
    "no-escape-by-open-file",
)


def verify(sandbox: Sandbox) -> None:
    """Run the start-up probes in `sandbox`.

    Raises:
        SandboxFailure: A probe was missed.
    """
    by_name = {probe.name: probe for probe in catalogue.all_probes()}
    first, *others = (by_name[name] for name in PROBE_NAMES)
    # The outcome of the first job has the kind of the sandbox.
    outcome = sandbox.run(first.jobs[0])
    if fault := first.check([outcome]):
        raise SandboxFailure(f"the self-test missed {first.name}: {fault}")
    for probe in others:
        if outcome.sandbox in probe.kinds:
            finding = run_probe(sandbox, probe)
            if not finding.passed:
                raise SandboxFailure(f"the self-test missed {probe.name}: {finding.seen}")
