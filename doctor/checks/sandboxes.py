"""The sandboxes: a real jail and a real restricted executor, tested as a worker tests them at its start."""

from collections.abc import Iterator, Sequence
from typing import Final

from config.settings import Settings
from doctor.checks.user_namespaces import CONTAINER
from doctor.finding import Finding, Status
from doctor.process import in_container
from sandbox.errors import SandboxFailure
from sandbox.factory import JailOptions, SandboxSetting, open_sandbox
from sandbox.isolation import Isolation
from selftest import startup

JAIL: Final = "jail"
RESTRICTED: Final = "restricted-executor"

_RESTRICTED_ONLY: Final = "SANDBOX=restricted python-executor run  # scripts then have fewer modules"


def jail(settings: Settings, earlier: Sequence[Finding]) -> Iterator[Finding]:
    """Make a jail as a worker does, and attack it.

    Args:
        settings: The settings.
        earlier: What other checks have found: it tells why no jail works.
    """
    if settings.sandbox == "restricted":
        mend = "env -u SANDBOX python-executor doctor"
        yield Finding.warning(JAIL, "not tried, because SANDBOX=restricted", mend)
    elif fault := _fault_of("nsjail", settings):
        mends = [
            one.mend for status in (Status.FAILED, Status.WARNING) for one in earlier if one.status is status
        ]
        if settings.nsjail and not settings.nsjail.is_file():
            mends = ["env -u NSJAIL python-executor worker"]
        otherwise = CONTAINER if in_container() else _RESTRICTED_ONLY
        yield Finding.failed(JAIL, fault, next(filter(None, mends), otherwise))
    else:
        yield Finding.ok(JAIL, f"passed the start-up probes (ISOLATION={settings.isolation})")


def restricted(settings: Settings) -> Iterator[Finding]:
    """Run the restricted executor as a worker does, and attack it."""
    if fault := _fault_of("restricted", settings):
        yield Finding.failed(RESTRICTED, fault, "uname -rm; python-executor doctor --json  # report both")
    else:
        yield Finding.ok(RESTRICTED, "passed the start-up probes")


def _fault_of(sandbox: SandboxSetting, settings: Settings) -> str | None:
    """Open a sandbox; return why it does not work, or None if it does."""
    jails = JailOptions(
        nsjail=settings.nsjail,
        isolation=Isolation(settings.isolation),
        cpus=settings.job_cpus,
        slot_jobs=settings.slot_jobs,
    )
    try:
        with open_sandbox(sandbox, verify=startup.verify, state_dir=settings.state_dir, jails=jails):
            return None
    except SandboxFailure as failure:
        return str(failure)
