"""Build an environment from a lock file."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from packaging.utils import canonicalize_name

from environments import check, download, lock, manifest, wheel
from environments.folder import DOWNLOADS, PACKAGES, Folder, discard
from environments.libraries import is_shared, missing, of_host
from environments.lock import Lock
from environments.manifest import Manifest
from environments.platform import PLATFORM
from environments.refusal import Refusal, shown
from environments.wheel import Wheel
from jobs.environment import STDLIB, is_name
from sandbox.jail.root import SITE_PACKAGES

#: Files get one time, so that the same wheels give the same layer of an image.
_TIME: Final = 315532800

#: Seconds to compile all modules.
_COMPILE_SECONDS: Final = 3600.0


def build(folder: Folder, name: str, lock_file: Path, say: Callable[[str], None]) -> Manifest:
    """Build an environment and give it a name; return its manifest.

    Args:
        folder: The folder with all environments.
        name: The name.
        lock_file: The lock file.
        say: Shows a line of progress.

    Raises:
        Refusal: The lock file or a wheel cannot be used, or the folder cannot be written.
    """
    if name == STDLIB:
        raise Refusal(f"{name!r} cannot name an environment: it is the one without packages")
    if not is_name(name):
        raise Refusal(
            f"{shown(name)!r} cannot name an environment: use up to 32 of a-z, 0-9 and -, as in data-2"
        )
    locked = lock.read(lock_file)
    folder.make()
    with folder.changing():
        folder.clear()
        content = folder.content_of(locked.digest)
        if not _complete(content, say):
            content = _make(folder, locked, say)
        folder.link(name, content)
        if (folder.path / DOWNLOADS).exists():
            discard(folder.path / DOWNLOADS)
        folder.clear()
    return manifest.read(content)


def _complete(content: Path, say: Callable[[str], None]) -> bool:
    """Return whether the environment is there already, and undamaged."""
    if not content.exists():
        return False
    say("comparing the files that are there")
    try:
        return not any(check.compare(content))
    except Refusal:
        return False


def _make(folder: Folder, locked: Lock, say: Callable[[str], None]) -> Path:
    """Build the environment of a lock file in a hidden folder, and rename the folder into place."""
    wheels = [wheel.examine(path, pin) for pin, path in download.fetch(locked, folder.path / DOWNLOADS, say)]
    for requirement in _unmet(wheels):
        say(f"note: {shown(requirement)}, which the lock does not have")
    building = folder.begin(locked.digest)
    packages = building / PACKAGES
    packages.mkdir()
    for one in wheels:
        say(f"unpacking {one.package.name}")
        wheel.unpack(one, packages)
    say("compiling")
    _compile(packages)
    say("writing the manifest")
    found = _describe(locked, wheels, packages, say)
    (building / manifest.FILE).write_text(found.to_json(), "utf-8")
    _make_read_only(building)
    return folder.finish(building, locked.digest)


def _unmet(wheels: list[Wheel]) -> Iterator[str]:
    """Yield what each package requires that is not among the wheels."""
    versions = {canonicalize_name(one.package.name): one.package.version for one in wheels}
    for one in wheels:
        for required in one.requires:
            version = versions.get(canonicalize_name(required.name))
            if version is None or not required.specifier.contains(version, prereleases=True):
                yield f"{one.package.name} needs {required.name}{required.specifier}"


def _compile(packages: Path) -> None:
    """Compile the modules. Python never compares the byte code with the file, which it names as a jail does.

    A file that is no Python of this version gets no byte code: importing it fails in a jail as anywhere.
    """
    tops = sorted(path.name for path in packages.iterdir())
    options = (
        "-q",
        "-q",
        "-j",
        "0",
        "-x",
        r"/tests?/",
        "-p",
        SITE_PACKAGES,
        "--invalidation-mode",
        "unchecked-hash",
    )
    command = [sys.executable, "-I", "-W", "ignore", "-m", "compileall", *options, "--", *tops]
    try:
        # The compiler runs in a process of its own: some files crash it.
        ran = subprocess.run(
            command, cwd=packages, capture_output=True, text=True, check=False, timeout=_COMPILE_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise Refusal(f"the modules are not compiled after {_COMPILE_SECONDS:g} seconds") from None
    # 1 means that some files have errors, or that one has crashed the compiler.
    if ran.returncode not in (0, 1) or "Traceback" in ran.stderr:
        raise Refusal(f"the modules cannot be compiled: compileall ended with {ran.returncode}")


def _describe(locked: Lock, wheels: list[Wheel], packages: Path, say: Callable[[str], None]) -> Manifest:
    files = check.files(packages)
    needed = of_host(packages / path for path in files if is_shared(path))
    for library in missing(needed):
        say(f"note: {needed[library]} needs {shown(library)}, which this host does not have")
    return Manifest(
        lock=locked.digest,
        platform=PLATFORM,
        packages=tuple(sorted((one.package for one in wheels), key=lambda package: package.name.lower())),
        modules=tuple(sorted(set().union(*(one.modules() for one in wheels)))),
        libraries=tuple(sorted(needed)),
        files=files,
    )


def _make_read_only(building: Path) -> None:
    """Let every user read the files, and none write them."""
    for path, _, names in os.walk(building):
        for file in (Path(path, name) for name in names):
            file.chmod(0o555 if os.access(file, os.X_OK) else 0o444)
            os.utime(file, (_TIME, _TIME))
    for path, _, _ in os.walk(building, topdown=False):
        os.utime(path, (_TIME, _TIME))
        Path(path).chmod(0o555)
