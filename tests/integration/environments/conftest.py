"""A workbench for environments."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from environments.folder import discard
from tests.support.wheels import Workbench


@pytest.fixture
def bench() -> Iterator[Workbench]:
    """A workbench in a folder that the users of jails can enter. pytest keeps others out of its own folders."""
    folder = Path(tempfile.mkdtemp(prefix="python-executor-"))
    folder.chmod(0o755)
    (folder / "wheels").mkdir()
    yield Workbench(folder / "wheels", folder / "environments")
    discard(folder)
