"""The folder with all environments: names, contents, and what interrupted commands left."""

import fcntl
import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from environments import manifest
from environments.platform import PLATFORM
from environments.refusal import Refusal
from jobs.environment import is_name

PACKAGES: Final = "packages"
DOWNLOADS: Final = ".downloads"

_CONTENT: Final = re.compile(r"[0-9a-f]{64}-cp\d+-\w+")

#: Hidden entries of commands: a build, a folder that is being removed, a link before it has its name.
_BUILDING, _REMOVING, _LINK = ".building-", ".removing-", ".link-"


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder with all environments.

    Attributes:
        path: Its path. It need not exist.
    """

    path: Path

    @classmethod
    def of(cls, setting: Path | None) -> Self:
        """Return the folder that the setting ENVIRONMENTS names."""
        if setting is not None:
            return cls(setting.absolute())
        if os.geteuid() == 0:
            return cls(Path("/var/lib/python-executor/environments"))
        # A user without HOME and without an entry in /etc/passwd has no home folder. Path.home would raise.
        home = os.path.expanduser("~")  # noqa: PTH111
        return cls(Path(home, ".local/share/python-executor/environments"))

    def names(self) -> list[str]:
        """Return the names of the environments, sorted.

        Raises:
            Refusal: The folder cannot be read.
        """
        try:
            return sorted(
                entry.name for entry in self.path.iterdir() if entry.is_symlink() and is_name(entry.name)
            )
        except FileNotFoundError:
            return []
        except OSError as error:
            raise Refusal(f"{self.path}: {error.strerror}") from error

    def content(self, name: str) -> Path:
        """Return the folder that a name leads to.

        Raises:
            Refusal: The name leads nowhere, or out of the folder.
        """
        try:
            target = (self.path / name).readlink()
        except OSError:
            raise Refusal(f"there is no environment {name!r} in {self.path}") from None
        content = self.path / target
        if not _CONTENT.fullmatch(str(target)):
            raise Refusal(f"{self.path / name} does not lead to an environment: {target}")
        if not content.is_dir():
            raise Refusal(f"{content} is missing")
        return content

    def content_of(self, lock: str) -> Path:
        """Return the folder for a lock file, given its SHA-256. The folder need not exist."""
        return self.path / f"{lock}-{PLATFORM}"

    def make(self) -> None:
        """Make the folder if it does not exist.

        Raises:
            Refusal: It cannot be made, or users of jails could not enter it.
        """
        try:
            missing = [path for path in (self.path, *self.path.parents) if not path.exists()]
            for path in reversed(missing):
                path.mkdir()
                # The umask may keep others out.
                path.chmod(0o755)
        except OSError as error:
            raise Refusal(f"{error.filename}: {error.strerror}") from error
        self.require_entry()

    def require_entry(self) -> None:
        """Check that jails can enter the folder. The jails of a root worker run as users of their own.

        Raises:
            Refusal: They cannot.
        """
        if os.geteuid() != 0:
            return
        resolved = self.path.resolve()
        for path in (resolved, *resolved.parents):
            if not path.stat().st_mode & stat.S_IXOTH:
                raise Refusal(
                    f"{path} keeps other users out, so the jails of a worker that runs as root cannot read "
                    f"{self.path}: set ENVIRONMENTS to another folder"
                )

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Keep every other command from changing the folder meanwhile.

        Raises:
            Refusal: Another command is changing it, or this user cannot.
        """
        try:
            lock = os.open(self.path / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Refusal(f"{self.path} cannot be changed: {error.strerror}") from error
        try:
            if not _locked(lock, fcntl.LOCK_EX):
                raise Refusal(f"another build or removal is running in {self.path}")
            yield
        finally:
            os.close(lock)

    def begin(self, lock: str) -> Path:
        """Make the hidden folder of a build, and return it."""
        building = self.path / f"{_BUILDING}{lock}-{PLATFORM}"
        building.mkdir()
        return building

    def finish(self, building: Path, lock: str) -> Path:
        """Rename the folder of a complete build into place, and return it."""
        content = self.content_of(lock)
        if content.exists():
            # Only a damaged folder is built again.
            self._set_aside(content)
        return building.rename(content)

    def link(self, name: str, content: Path) -> None:
        """Give a folder a name, in one step, whatever had the name before.

        Raises:
            Refusal: Something other than an environment has the name.
        """
        path, link = self.path / name, self.path / f"{_LINK}{name}"
        if path.exists() and not path.is_symlink():
            raise Refusal(f"{path} is not an environment: move it away")
        link.symlink_to(content.name)
        link.replace(path)

    def unlink(self, name: str) -> None:
        """Take a name away.

        Raises:
            Refusal: No environment has it.
        """
        if name not in self.names():
            raise Refusal(f"there is no environment {name!r} in {self.path}")
        (self.path / name).unlink()

    def clear(self) -> None:
        """Remove what interrupted commands left, and the folders without a name that no worker uses.

        The caller must be inside `changing`. Downloads stay.
        """
        named = {str((self.path / name).readlink()) for name in self.names()}
        for entry in list(self.path.iterdir()):
            if entry.name.startswith(_LINK):
                entry.unlink()
            elif entry.name.startswith(_BUILDING):
                discard(entry)
            elif entry.name.startswith(_REMOVING) or (
                _CONTENT.fullmatch(entry.name) and entry.name not in named
            ):
                self._remove_unused(entry)

    def _remove_unused(self, content: Path) -> None:
        with _unused(content) as unused:
            if unused:
                discard(content if content.name.startswith(_REMOVING) else self._set_aside(content))

    def _set_aside(self, content: Path) -> Path:
        """Rename a folder before its removal, so that no process sees it with files missing."""
        return content.rename(self.path / f"{_REMOVING}{secrets.token_hex(4)}-{content.name}")


@contextmanager
def _unused(content: Path) -> Iterator[bool]:
    """Tell whether no worker uses a folder. Meanwhile none can begin to."""
    try:
        descriptor = os.open(content / manifest.FILE, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        # Without a manifest no worker can use it.
        yield True
        return
    try:
        yield _locked(descriptor, fcntl.LOCK_EX)
    finally:
        os.close(descriptor)


def hold(content: Path) -> None:
    """Keep a folder from being removed until this process has ended.

    Raises:
        Refusal: It is being removed.
    """
    path = content / manifest.FILE
    with suppress(OSError):
        # The descriptor stays open: the kernel releases the lock when the process and its children end.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        if _locked(descriptor, fcntl.LOCK_SH) and os.path.samestat(os.fstat(descriptor), path.stat()):
            return
    raise Refusal(f"{content} is being removed")


def _locked(descriptor: int, kind: int) -> bool:
    """Lock a file, and return whether that worked."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def discard(folder: Path) -> None:
    """Remove a folder whose files and folders may be read-only."""
    if folder.is_symlink() or not folder.is_dir():
        folder.unlink()
        return
    for path, _, _ in os.walk(folder):
        with suppress(OSError):
            Path(path).chmod(0o700)
    shutil.rmtree(folder)
