"""A folder for a trial's files."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest


@pytest.fixture
def folder() -> Iterator[Path]:
    """Make an empty folder; a jail's user may walk through it, as it may not through pytest's own."""
    with TemporaryDirectory(prefix="t-") as name:
        Path(name).chmod(0o755)
        yield Path(name)
