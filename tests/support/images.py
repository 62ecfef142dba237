"""Our images on an engine."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.engine import Engine


@contextmanager
def built(engine: Engine) -> Iterator[dict[str, str]]:
    """Build the images of this checkout; return the image of each part, Redis included."""
    tag = secrets.token_hex(4)
    ours = {part: f"python-executor-{part}:{tag}" for part in ("api", "worker")}
    try:
        for part, image in ours.items():
            engine.docker("build", "--quiet", "--tag", image, "--file", f"Dockerfile.{part}", ".")
        yield {**ours, "redis": "redis:7-alpine"}
    finally:
        engine.docker("image", "rm", "--force", *ours.values())
