"""A real nsjail sandbox for tests."""

import functools
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sandbox.factory import JailOptions, open_sandbox
from sandbox.isolation import Isolation
from sandbox.jail.sandbox import NsjailSandbox
from selftest import startup


@contextmanager
def nsjail_sandbox(isolation: Isolation = Isolation.SLOT, slot_jobs: int = 1000) -> Iterator[NsjailSandbox]:
    """Make a sandbox as a worker does, in a folder of its own."""
    with nsjail_factory(isolation, slot_jobs) as (create, _), closing(create()) as sandbox:
        yield sandbox


@contextmanager
def nsjail_factory(
    isolation: Isolation, slot_jobs: int = 1000
) -> Iterator[tuple[Callable[[], NsjailSandbox], Path]]:
    """Yield a function that makes a sandbox with new jails, and the folder of the root of all these jails."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        with open_sandbox(
            "nsjail",
            verify=startup.verify,
            state_dir=Path(folder),
            jails=JailOptions(isolation=isolation, slot_jobs=slot_jobs),
        ) as factory:
            (root,) = Path(folder).glob("*/root")

            def create() -> NsjailSandbox:
                sandbox = factory.create()
                assert isinstance(sandbox, NsjailSandbox)
                return sandbox

            yield create, root


@functools.cache
def jail_works() -> bool:
    """Return True if a jail works here; otherwise raise SandboxFailure."""
    with nsjail_sandbox():
        return True
