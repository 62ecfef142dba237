"""The container engine, the images and the running stack that these tests share."""

from collections.abc import Iterator

import pytest

from tests.support.engine import Engine, NoEngineError, find_engine
from tests.support.images import service_images
from tests.support.need import need
from tests.support.stack import Stack, running_stack

#: The kinds of worker, with the options of setup_local.sh that give them.
WORKER_KINDS = {"privileged": (), "least-privilege": ("--least-privilege",)}


@pytest.fixture(scope="session")
def engine() -> Engine:
    """A container engine that has the gVisor runtime."""
    try:
        return find_engine()
    except NoEngineError as error:
        need(str(error))


@pytest.fixture(scope="session")
def sandbox_image(engine: Engine) -> Iterator[str]:
    """The image that holds the sandbox alone."""
    with engine.sandbox_image() as tag:
        yield tag


@pytest.fixture(scope="session")
def images(engine: Engine) -> Iterator[dict[str, str]]:
    """The tags of the images for `api`, `worker` and `redis`."""
    with service_images(engine) as images:
        yield images


@pytest.fixture(scope="session", params=WORKER_KINDS)
def stack(request: pytest.FixtureRequest, engine: Engine) -> Iterator[Stack]:
    """The whole service, started by setup_local.sh, with each kind of worker in turn."""
    with running_stack(engine, *WORKER_KINDS[request.param]) as stack:
        yield stack


@pytest.fixture
def service(stack: Stack) -> Stack:
    """The service that the acceptance tests run against."""
    return stack
