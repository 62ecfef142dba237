"""A wheel: what it contains, whether an environment can have it, and how it is unpacked.

The format is that of packaging.python.org, "Binary distribution format". A wheel is the work of others: its
names and its metadata are not trusted.
"""

import io
import re
import shutil
import stat
import zipfile
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import IO, Final

from packaging.requirements import Requirement
from packaging.tags import Tag, sys_tags
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from environments import metadata
from environments.libraries import is_shared
from environments.lock import Pin
from environments.platform import PLATFORM
from environments.refusal import Refusal, shown
from jobs.environment import Package

#: Modules that the interpreter imports by itself at its start.
_AT_START: Final = ("sitecustomize", "usercustomize")

#: The most bytes that a wheel may have unpacked, and the most files.
_BYTES_MAX: Final = 8 * 1024**3
_FILES_MAX: Final = 200_000

#: The most bytes of RECORD, which is held in memory.
_RECORD_MAX: Final = 64 * 1024**2

#: Bytes that are unpacked at once. A file of a wheel can be larger than the memory.
_CHUNK: Final = 1024**2

#: zipfile can decompress these piece by piece, and of the others a piece as large as the memory.
_COMPRESSIONS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

#: What zipfile raises for a damaged file, an unknown compression, or an encrypted file.
_DAMAGED: Final = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, UnicodeError)


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel that an environment can have.

    Attributes:
        path: Its file.
        package: Its package.
        folder: The name of the folder with its metadata.
        requires: The packages that it requires on this Python and platform.
        files: For each file that is installed, its name in the wheel by its path in the folder of packages.
    """

    path: Path
    package: Package
    folder: str
    requires: tuple[Requirement, ...]
    files: dict[str, str]

    def modules(self) -> set[str]:
        """Return its top-level modules."""
        return {module for path in self.files if (module := _module(path))}


def examine(path: Path, pin: Pin) -> Wheel:
    """Examine a wheel.

    Args:
        path: Its file.
        pin: The package of the lock file that it is for.

    Raises:
        Refusal: An environment cannot have it.
    """
    _check_name(path, pin)
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _check_size(members, pin)
            folder = _metadata_folder(members, pin)
            found = metadata.read(archive, folder, pin)
    except _DAMAGED as error:
        raise Refusal(f"{pin}: its wheel is damaged: {shown(str(error))}") from error
    files: dict[str, str] = {}
    for member in members:
        target = _target(member, folder, pin)
        # Commands, manual pages and the like belong elsewhere.
        if target is not None and not member.is_dir():
            _check_target(target, folder, pin)
            if target in files:
                raise Refusal(f"{pin}: its wheel has {shown(target)} twice")
            files[target] = member.filename
    package = Package(found.name, pin.version, found.license)
    return Wheel(path, package, folder, found.requires, files)


def unpack(wheel: Wheel, packages: Path) -> None:
    """Unpack a wheel into the folder of the packages.

    Raises:
        Refusal: It is damaged, or another wheel has a different file of the same path.
    """
    try:
        with zipfile.ZipFile(wheel.path) as archive:
            for target, name in wheel.files.items():
                _write(archive, archive.getinfo(name), packages / target, wheel)
    except _DAMAGED as error:
        raise Refusal(f"{_title(wheel)}: its wheel is damaged: {shown(str(error))}") from error


def _write(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path, wheel: Wheel) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file, _content(archive, member, path, wheel) as content:
            shutil.copyfileobj(content, file, _CHUNK)
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        # Packages that share a namespace may have the same empty file.
        if not path.is_file() or not _has_content(path, _content(archive, member, path, wheel)):
            name = path.name
            raise Refusal(f"{_title(wheel)}: another package has a different {shown(name)} there") from None
    except OSError as error:
        raise Refusal(f"{_title(wheel)}: {shown(path.name)}: {error.strerror}") from error
    if (member.external_attr >> 16) & 0o111:
        path.chmod(0o755)


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path, wheel: Wheel) -> IO[bytes]:
    """Open what a file that is installed shall contain."""
    file = archive.open(member)
    if path.name != "RECORD" or path.parent.name != wheel.folder:
        return file
    with file:
        return io.BytesIO(_installed_record(file.read(_RECORD_MAX), wheel))


def _has_content(path: Path, content: IO[bytes]) -> bool:
    """Return whether a file has exactly this content."""
    with path.open("rb") as file, content:
        while piece := content.read(_CHUNK):
            if file.read(len(piece)) != piece:
                return False
        return not file.read(1)


def _installed_record(content: bytes, wheel: Wheel) -> bytes:
    """Return the rows of RECORD for the files that are installed. importlib.metadata lists them."""
    inside = {name: target for target, name in wheel.files.items()}
    rows = (line.partition(",") for line in content.decode("utf-8", "replace").splitlines())
    return "".join(f"{inside[name]},{rest}\n" for name, _, rest in rows if name in inside).encode()


def _check_name(path: Path, pin: Pin) -> None:
    try:
        name, version, _, tags = parse_wheel_filename(path.name)
    except InvalidWheelFilename as error:
        raise Refusal(f"{pin}: {shown(path.name)} is not the name of a wheel") from error
    if (name, version) != (pin.name, Version(pin.version)):
        raise Refusal(f"{pin}: {shown(path.name)} is another package")
    if not tags & _tags():
        raise Refusal(f"{pin}: {shown(path.name)} is for another Python or platform than {PLATFORM}")


@cache
def _tags() -> frozenset[Tag]:
    return frozenset(sys_tags())


def _check_size(members: list[zipfile.ZipInfo], pin: Pin) -> None:
    if len(members) > _FILES_MAX or sum(member.file_size for member in members) > _BYTES_MAX:
        raise Refusal(f"{pin}: its wheel has more than {_FILES_MAX} files or {_BYTES_MAX // 1024**3} GB")
    for member in members:
        if member.compress_type not in _COMPRESSIONS:
            raise Refusal(
                f"{pin}: its wheel has {shown(member.filename)} in another compression than deflate"
            )
        if member.filename.endswith("/RECORD") and member.file_size > _RECORD_MAX:
            raise Refusal(f"{pin}: its RECORD has more than {_RECORD_MAX} bytes")


def _metadata_folder(members: list[zipfile.ZipInfo], pin: Pin) -> str:
    """Return the name of the folder with the metadata."""
    tops = {member.filename.partition("/")[0] for member in members if "/" in member.filename}
    found = [top for top in tops if top.endswith(".dist-info")]
    if len(found) != 1:
        raise Refusal(f"{pin}: its wheel has {len(found)} folders with metadata")
    name, _, version = found[0].removesuffix(".dist-info").partition("-")
    try:
        fits = (canonicalize_name(name), Version(version)) == (pin.name, Version(pin.version))
    except InvalidVersion:
        fits = False
    if not fits:
        raise Refusal(f"{pin}: its wheel has the metadata of {shown(found[0])}")
    return found[0]


def _target(member: zipfile.ZipInfo, folder: str, pin: Pin) -> str | None:
    """Return the path of a member in the folder of the packages, or None if it belongs elsewhere."""
    name = member.filename
    parts = PurePosixPath(name).parts
    plain = name.isprintable() and "\\" not in name and name.removesuffix("/") == "/".join(parts)
    if not plain or not parts or parts[0] == "/" or ".." in parts:
        raise Refusal(f"{pin}: its wheel has a file that leaves the folder: {shown(name)}")
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise Refusal(f"{pin}: its wheel has a link or device: {shown(name)}")
    if parts[0] == f"{folder.removesuffix('.dist-info')}.data":
        if len(parts) < 3 or parts[1] not in ("purelib", "platlib"):
            return None
        parts = parts[2:]
    # Byte code is made from the source, so that the two cannot differ.
    return None if "__pycache__" in parts else "/".join(parts)


def _check_target(target: str, folder: str, pin: Pin) -> None:
    top = target.partition("/")[0]
    if top == target and top.endswith(".pth"):
        raise Refusal(f"{pin}: its wheel has {shown(target)}, which would run code at each start of Python")
    if top.partition(".")[0] in _AT_START:
        raise Refusal(f"{pin}: its wheel has {shown(target)}, which Python would run at each start")
    if top.endswith((".data", ".dist-info")) and top != folder:
        raise Refusal(f"{pin}: its wheel has files of another package: {shown(top)}")


def _module(path: str) -> str:
    """Return the top-level module that a file belongs to, or '' if it belongs to none."""
    top, _, rest = path.partition("/")
    name = rest.rpartition("/")[2] if rest else top
    if not (name.endswith((".py", ".pyc")) or is_shared(name)):
        return ""
    module = top if rest else top.partition(".")[0]
    return module if re.fullmatch(r"\w+", module) and module.isidentifier() else ""


def _title(wheel: Wheel) -> str:
    return f"{wheel.package.name} {wheel.package.version}"
