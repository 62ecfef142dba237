"""An escape: a probe of a way out of the guarded language."""

from selftest.checks import fails_by_its_own_fault
from selftest.probe import RESTRICTED, Probe, job


def escape_probe(name: str, tried: str, script: str) -> Probe:
    """Make the probe of an escape.

    The script succeeds where nothing is guarded, and returns the object that it reached. In a guarded
    language the script must fail before that. The kernel's limits are a second layer. So a reference to a
    module like `os` is already an escape, even if the script can do nothing with it.
    """
    return Probe(
        "escapes",
        f"no-escape-by-{name}",
        tried,
        "rejected or an error",
        (job(script),),
        fails_by_its_own_fault,
        RESTRICTED,
    )
