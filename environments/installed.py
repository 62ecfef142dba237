"""The environments that a worker can offer."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from config.settings import Settings
from environments import libraries, manifest
from environments.folder import PACKAGES, Folder, hold
from environments.manifest import Manifest
from environments.platform import PLATFORM, PYTHON
from environments.refusal import Refusal
from jobs.environment import Environment
from sandbox.packages import NO_DISPLAY, ONE_THREAD, Packages

_LOG: Final = logging.getLogger(__name__)

#: The value of PRELOAD that names no module. An empty value counts as not set.
_NO_MODULES: Final = "none"


@dataclass(frozen=True, slots=True)
class Installed:
    """An environment that a worker can offer.

    Attributes:
        environment: What the worker announces.
        packages: What its sandbox needs.
    """

    environment: Environment
    packages: Packages


@dataclass(frozen=True, slots=True)
class Broken:
    """An environment that no worker can offer.

    Attributes:
        name: Its name. If the folder of all environments cannot be used, the path of that folder.
        reason: What is wrong with it, in one line.
    """

    name: str
    reason: str


def installed(folder: Path | None, preload: str) -> list[Installed]:
    """Return the environments that a worker can offer, and hold them until the process has ended.

    An environment that is broken is logged and not offered. A held environment is not removed from the disk.

    Args:
        folder: The setting ENVIRONMENTS.
        preload: The setting PRELOAD.
    """
    found = []
    for one in examine(folder, preload):
        try:
            if isinstance(one, Broken):
                raise Refusal(one.reason)
            hold(one.packages.folder.parent)
            found.append(one)
        except Refusal as refusal:
            name = one.name if isinstance(one, Broken) else one.environment.name
            _LOG.error("NOT OFFERED: environment %s: %s", name, refusal)
    # The default names the modules of `data`. Other environments need not have them.
    if found and preload != Settings.model_fields["preload"].default:
        had = {module for one in found for module in one.packages.preload}
        if unknown := [module for module in _modules(preload) if module not in had]:
            _LOG.warning("PRELOAD names modules that no environment has: %s", ", ".join(unknown))
    return found


def examine(folder: Path | None, preload: str = "") -> Iterator[Installed | Broken]:
    """Yield every environment, sorted by name, without holding it. The content of the files is not read.

    Args:
        folder: The setting ENVIRONMENTS.
        preload: The setting PRELOAD.
    """
    place = Folder.of(folder)
    try:
        names = place.names()
        if names:
            place.require_entry()
    except Refusal as refusal:
        yield Broken(str(place.path), str(refusal))
        return
    for name in names:
        try:
            content = place.content(name)
            yield _describe(name, content, manifest.read(content), preload)
        except Refusal as refusal:
            yield Broken(name, str(refusal))


def _describe(name: str, content: Path, found: Manifest, preload: str) -> Installed:
    if found.platform != PLATFORM:
        raise Refusal(f"it was built for {found.platform}, and this is {PLATFORM}: build it again")
    folder = content / PACKAGES
    if not folder.is_dir():
        raise Refusal(f"{folder} is missing")
    preloaded = tuple(module for module in _modules(preload) if _has(folder, module))
    digest = f"sha256:{found.lock}"
    backend = (NO_DISPLAY,) if "matplotlib" in found.modules else ()
    return Installed(
        Environment(name, PYTHON, digest, found.packages, found.modules, preloaded),
        Packages(
            environment=name,
            digest=digest,
            folder=folder,
            libraries=libraries.on_host(found.libraries),
            preload=preloaded,
            variables=(*ONE_THREAD, *backend),
        ),
    )


def _modules(preload: str) -> list[str]:
    """Return the modules that the setting PRELOAD names."""
    if preload == _NO_MODULES:
        return []
    return [module.strip() for module in preload.split(",") if module.strip()]


def _has(folder: Path, module: str) -> bool:
    """Return whether the packages have a module. Nothing is imported."""
    *parents, name = module.split(".")
    parent = folder.joinpath(*parents)
    return (
        (parent / name).is_dir()
        or (parent / f"{name}.py").is_file()
        or next(parent.glob(f"{name}.*.so"), None) is not None
    )
