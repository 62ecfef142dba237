"""The sandbox's own failures. A script's faults are no exceptions but an `Outcome`."""


class SandboxFailure(Exception):
    """The sandbox did not do its part; the script is not to blame and the job may be tried again."""
