"""The isolation between jobs under nsjail."""

from enum import StrEnum


class Isolation(StrEnum):
    """SLOT: a jail serves many jobs, each in its own namespaces. FRESH: a jail serves one job."""

    SLOT = "slot"
    FRESH = "fresh"
