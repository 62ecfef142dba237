"""An environment: a set of packages that scripts can import besides the standard library."""

import re
from dataclasses import dataclass
from typing import Final

#: The environment that every worker has: the standard library alone.
STDLIB: Final = "stdlib"

#: The names of environments. They are parts of file names, of Redis keys and of metrics.
NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
NAME_LENGTH: Final = 32


@dataclass(frozen=True, slots=True)
class Package:
    """A package of an environment.

    Attributes:
        name: Its name in the package index, for example `scikit-learn`.
        version: Its version.
        license: Its licence as its metadata states it, '' if they state none.
    """

    name: str
    version: str
    license: str


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment as workers announce it and clients see it.

    Attributes:
        name: Its name, which requests give.
        python: The version of the interpreter, for example `3.11.7`.
        digest: `sha256:` and the SHA-256 of its lock file in hexadecimal; None for `stdlib`.
        packages: Its packages, sorted by name.
        modules: The top-level modules of its packages, sorted.
        preloaded: The modules that are imported before a job starts, so that a job need not wait for them.
    """

    name: str
    python: str
    digest: str | None = None
    packages: tuple[Package, ...] = ()
    modules: tuple[str, ...] = ()
    preloaded: tuple[str, ...] = ()


def is_name(text: str) -> bool:
    """Return whether a text can name an environment."""
    return len(text) <= NAME_LENGTH and NAME.fullmatch(text) is not None
