"""The health, workers and environments of the service."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Package:
    """A package of an environment."""

    name: str
    version: str
    license: str


@dataclass(frozen=True, slots=True)
class Environment:
    """A set of packages that scripts can use.

    Attributes:
        name: The name, for `environment` of a script.
        python: The version of its interpreter.
        digest: The digest of the lock file that its packages come from, None for `stdlib`.
        packages: The packages.
        modules: The top-level modules that a script can import besides the standard library.
        preloaded: The modules that are imported before a job starts.
    """

    name: str
    python: str
    digest: str | None
    packages: tuple[Package, ...]
    modules: tuple[str, ...]
    preloaded: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker that runs jobs.

    Attributes:
        id: Its name.
        sandbox: `nsjail` or `restricted`.
        detail: What isolates its jobs.
        environments: The environments that it has.
    """

    id: str
    sandbox: str
    detail: str
    environments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the service runs jobs.

    Attributes:
        ready: Whether Redis answers and a worker runs jobs.
        reason: Why it is not ready, empty if it is.
        workers: The workers.
    """

    ready: bool
    reason: str
    workers: tuple[Worker, ...]
