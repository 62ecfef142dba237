"""The images of the service on a container engine."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.engine import Engine, base_arguments


@contextmanager
def service_images(engine: Engine) -> Iterator[dict[str, str]]:
    """Build the images of this checkout; remove them afterwards.

    Yields:
        The tags of the images for `api`, `worker` and `redis`.
    """
    tag = secrets.token_hex(4)
    built = {part: f"python-executor-{part}:{tag}" for part in ("api", "worker")}
    try:
        for part, image in built.items():
            engine.docker(
                "build", "--quiet", "--tag", image, "--file", f"Dockerfile.{part}", *base_arguments(), "."
            )
        yield {**built, "redis": "redis:7-alpine"}
    finally:
        # Not `docker`: after a failed build there is no image to remove, and the error of the build must show.
        engine.try_docker("image", "rm", "--force", *built.values())
