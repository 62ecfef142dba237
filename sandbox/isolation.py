"""How far jobs in nsjail are kept apart."""

from enum import StrEnum


class Isolation(StrEnum):
    """Whether a jail serves many jobs, each in namespaces of its own, or one."""

    SLOT = "slot"
    FRESH = "fresh"
