"""A real nsjail sandbox for tests."""

import functools
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sandbox.factory import JailOptions, SandboxFactory, open_sandbox
from sandbox.isolation import Isolation
from sandbox.jail.sandbox import NsjailSandbox
from sandbox.packages import Packages
from selftest import startup


@contextmanager
def nsjail_sandbox(
    isolation: Isolation = Isolation.SLOT, slot_jobs: int = 1000, environments: tuple[Packages, ...] = ()
) -> Iterator[NsjailSandbox]:
    """Make a sandbox as a worker does, in a folder of its own."""
    with nsjail_factory(isolation, slot_jobs, environments) as (create, _), closing(create()) as sandbox:
        yield sandbox


@contextmanager
def nsjail_factory(
    isolation: Isolation, slot_jobs: int = 1000, environments: tuple[Packages, ...] = ()
) -> Iterator[tuple[Callable[[], NsjailSandbox], Path]]:
    """Yield a function that makes a sandbox with new jails, and the folder of the root of all these jails."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        with opened_factory(isolation, slot_jobs, environments, Path(folder)) as factory:
            (root,) = Path(folder).glob("*/root")

            def create() -> NsjailSandbox:
                sandbox = factory.create()
                assert isinstance(sandbox, NsjailSandbox)
                return sandbox

            yield create, root


@contextmanager
def opened_factory(
    isolation: Isolation,
    slot_jobs: int = 1000,
    environments: tuple[Packages, ...] = (),
    state_dir: Path | None = None,
) -> Iterator[SandboxFactory]:
    """Open nsjail as a worker does."""
    options = JailOptions(isolation=isolation, slot_jobs=slot_jobs, environments=environments)
    with open_sandbox("nsjail", verify=startup.verify, state_dir=state_dir, jails=options) as factory:
        yield factory


@functools.cache
def jail_works() -> bool:
    """Return True if a jail works here; otherwise raise SandboxFailure."""
    with nsjail_sandbox():
        return True
