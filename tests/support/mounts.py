"""What of ours is mounted."""

from pathlib import Path


def our_mounts(pid: int) -> list[str]:
    """Return the mounts that a process sees and that bear our names or nsjail's."""
    mounts = Path(f"/proc/{pid}/mountinfo").read_text().splitlines()
    return [line for line in mounts if "nsjail" in line or "python-executor" in line]
