"""The failure of a call, told to the model."""


class CallFailed(Exception):
    """The call failed, and no script ran to its end. The message is one sentence for the model."""
