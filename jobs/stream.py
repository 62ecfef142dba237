"""The two outputs of a script."""

from enum import StrEnum


class Stream(StrEnum):
    """An output of a script."""

    STDOUT = "stdout"
    STDERR = "stderr"
