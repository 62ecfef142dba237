"""The command `pyexec mcp --http` in front of a service."""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.process import running
from tests.support.wait import eventually


@contextmanager
def mcp_over_http(service_url: str, log: Path) -> Iterator[str]:
    """Start the command on a free port, with a log file; yield its URL."""
    command = [str(Path(sys.executable).with_name("pyexec")), "mcp", "--http", "--port", "0"]
    variables = {"PATH": os.environ["PATH"], "PYTHON_EXECUTOR_URL": service_url}
    with log.open("wb") as output, running(command, variables, output) as process:

        def url() -> str | None:
            text = log.read_text()
            assert process.poll() is None, text
            found = re.search(r"http://\S+", text)
            return found[0] if found else None

        found = eventually(url, within=30, what="the server has said its URL")
        assert found
        yield found
