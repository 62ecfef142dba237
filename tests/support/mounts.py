"""The mounts of the service."""

from pathlib import Path


def our_mounts(pid: int) -> list[str]:
    """Return the mounts that a process sees and that name the service or nsjail."""
    mounts = Path(f"/proc/{pid}/mountinfo").read_text().splitlines()
    return [line for line in mounts if "nsjail" in line or "python-executor" in line]
