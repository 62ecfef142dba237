"""The errors of the sandbox.

    Exception
      SandboxFailure   the sandbox failed; the script is not at fault and the job may be retried

A fault of the script is not an exception: it is an `Outcome` with an `error`.
"""


class SandboxFailure(Exception):
    """The sandbox failed. The script is not at fault and the job may be retried."""
