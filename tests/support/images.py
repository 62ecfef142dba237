"""Our images on an engine, and the client to it."""

import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tests.support.engine import ROOT, Engine

#: Seconds for a command: the first build is the longest.
_WITHIN: Final = 600


@contextmanager
def built(engine: Engine) -> Iterator[dict[str, str]]:
    """Build the images of this checkout; return the image of each part, Redis included."""
    tag = secrets.token_hex(4)
    ours = {part: f"python-executor-{part}:{tag}" for part in ("api", "worker")}
    try:
        for part, image in ours.items():
            docker(engine, "build", "--quiet", "--tag", image, "--file", f"Dockerfile.{part}", ".")
        yield {**ours, "redis": "redis:7-alpine"}
    finally:
        docker(engine, "image", "rm", "--force", *ours.values())


def docker(engine: Engine, *arguments: str) -> str:
    """Run a command of the client, in the checkout, and return what it prints."""
    ran = try_docker(engine, *arguments)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def try_docker(engine: Engine, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the client, in the checkout, and return how it ended."""
    return subprocess.run(
        ["docker", *arguments],
        cwd=ROOT,
        env=engine.environment,
        capture_output=True,
        text=True,
        timeout=_WITHIN,
        check=False,
    )
