"""All checks, in the order in which they run."""

from collections.abc import Sequence
from functools import partial
from importlib.util import find_spec
from typing import Final

from config.settings import Settings
from doctor.check import Check
from doctor.checks import (
    address,
    api_keys,
    cgroups,
    clock,
    core_dumps,
    descriptors,
    environments,
    kernel,
    packages,
    privileges,
    python,
    redis,
    redis_server,
    resources,
    sandboxes,
    seccomp,
    settings,
    temporary_folder,
    user_namespaces,
)
from doctor.finding import Finding
from jobs.limits import MB

#: Seconds for a sandbox and its start-up probes. A software-emulated machine takes most of a minute.
_SANDBOX_SECONDS: Final = 120.0

#: Seconds for Redis: some commands, each of which may take up to its own time limit.
_REDIS_SECONDS: Final = 30.0

#: Bytes of address space for Redis: another server may answer without end.
_REDIS_MEMORY: Final = 1000 * MB


def checks(read: Settings, faults: Sequence[str], so_far: Sequence[Finding]) -> list[Check]:
    """Return the checks for this host. The checks of what a jail needs come before the check of a jail.

    Args:
        read: The settings.
        faults: One line for each invalid setting.
        so_far: The list to which the caller appends each finding.
    """
    examined = [
        Check("kernel", kernel.examine),
        Check("privileges", privileges.examine),
        Check("cgroups", cgroups.examine),
        Check("user-namespaces", user_namespaces.examine),
        Check("seccomp", seccomp.examine),
        Check("core-dumps", core_dumps.examine),
        Check("temporary-folder", partial(temporary_folder.examine, read)),
        Check("packages", packages.examine),
        Check("environments", partial(environments.examine, read)),
        Check(sandboxes.JAIL, partial(sandboxes.jail, read, so_far), _SANDBOX_SECONDS),
        Check(sandboxes.RESTRICTED, partial(sandboxes.restricted, read), _SANDBOX_SECONDS),
        Check("python", python.examine),
        Check("clock", clock.examine),
        Check("settings", partial(settings.examine, read, faults)),
        Check("memory", partial(resources.examine, read), others=("cpus",)),
        Check(
            "redis",
            partial(redis.examine, read),
            _REDIS_SECONDS,
            others=redis_server.NAMES,
            memory=_REDIS_MEMORY,
        ),
    ]
    if find_spec("api"):
        # The image of the worker has no API.
        examined += [
            Check("api-keys", partial(api_keys.examine, read)),
            Check("address", partial(address.examine, read)),
            Check("file-descriptors", partial(descriptors.examine, read)),
        ]
    return examined
