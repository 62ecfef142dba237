"""The manifest of a built environment: what it contains. It does not depend on the environment's name."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from environments.refusal import Refusal
from jobs.environment import Package

FILE: Final = "manifest.json"

#: The form of the file. A worker refuses another form.
_FORM: Final = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a built environment contains.

    Attributes:
        lock: The SHA-256 of the lock file, in hexadecimal.
        platform: The Python and the architecture that it is for, for example `cp311-x86_64`.
        packages: Its packages, sorted by name.
        modules: The top-level modules of its packages, sorted.
        libraries: The names of the shared libraries that its packages load and do not contain, sorted.
        files: The SHA-256 of every file, in hexadecimal, by its path in the folder of the packages.
    """

    lock: str
    platform: str
    packages: tuple[Package, ...]
    modules: tuple[str, ...]
    libraries: tuple[str, ...]
    files: Mapping[str, str]

    def to_json(self) -> str:
        """Return the content of the file."""
        return json.dumps({"form": _FORM, **asdict(self)}, indent=1, sort_keys=True) + "\n"


def read(folder: Path) -> Manifest:
    """Read the manifest of a built environment.

    Raises:
        Refusal: There is none, or it cannot be read.
    """
    try:
        fields = json.loads((folder / FILE).read_text("utf-8"))
        if fields.pop("form") != _FORM:
            raise Refusal(f"{folder / FILE} was written by another version of the service")
        packages = tuple(Package(**package) for package in fields.pop("packages"))
        modules, libraries = (tuple(fields.pop(name)) for name in ("modules", "libraries"))
        return Manifest(packages=packages, modules=modules, libraries=libraries, **fields)
    except OSError as error:
        raise Refusal(f"{error.filename or folder / FILE}: {error.strerror}") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Refusal(f"{folder / FILE} is damaged") from error
