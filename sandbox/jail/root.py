"""The read-only root file system of every jail: the interpreter, its libraries and the guest.

The worker copies these files instead of bind-mounting them. The interpreter may be in a home folder that the
jail's user cannot enter. And a copy shows no path, package or configuration of the host.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sandbox.errors import SandboxFailure
from sandbox.jail.guest_files import write_guest_files
from validation.left_out import LEFT_OUT

PYTHON: Final = "/usr/bin/python3"

#: Folders on which every jail mounts something.
_MOUNT_POINTS: Final = ("tmp", "dev")
DEVICES: Final = ("null", "zero", "urandom", "random")

#: Files of the library folder that no job can use: the modules left out, other packages, tests, build files.
_LEFT_OUT: Final = re.compile(
    rf"({'|'.join(LEFT_OUT)})(\..*)?|site-packages|dist-packages|sitecustomize\.py|tests|_test.*\.so|_xxtest.*"
    r"|config-.*|.*\.opt-[12]\.pyc|.*\.a"
)

#: Libraries that the C library loads by name: this one at the end of a thread.
_LOADED_BY_NAME: Final = ("libgcc_s.so.1",)

#: The folder of the locale of LANG in nsjail.cfg, by either spelling. A host may keep it elsewhere, for
#: example in an archive. Then a jail has only the locale C, and setlocale(LC_ALL, "") fails in it.
_LOCALES: Final = (Path("/usr/lib/locale/C.utf8"), Path("/usr/lib/locale/C.UTF-8"))

#: Links in /dev. Those of descriptors are as Linux has them: a jail has no /proc, and the guest's `open`
#: knows what they name. POSIX semaphores and shared memory are files of the job, with one bound for all of
#: its files.
_LINKS: Final = {
    "fd": "/proc/self/fd",
    "stdin": "/proc/self/fd/0",
    "stdout": "/proc/self/fd/1",
    "stderr": "/proc/self/fd/2",
    "shm": "/tmp",  # noqa: S108
}

_ZONEINFO: Final = Path("/usr/share/zoneinfo")


def begin(root: Path) -> None:
    """Make the folder `root`, which must not exist, with the interpreter and its shared libraries only.

    This is enough for the preflight check: the interpreter can print its version, but import nothing.

    Raises:
        SandboxFailure: The files could not be copied.
    """
    with _sandbox_failures():
        root.mkdir(mode=0o755)
        interpreter = Path(sys.executable).resolve()
        (root / "usr/bin").mkdir(parents=True)
        _copy(str(interpreter), str(root) + PYTHON)
        _copy_libraries(root, [interpreter])
        for name in _MOUNT_POINTS:
            (root / name).mkdir(exist_ok=True)
        for device in DEVICES:
            (root / "dev" / device).touch()
        for name, target in _LINKS.items():
            (root / "dev" / name).symlink_to(target)
        if _ZONEINFO.is_dir():
            (root / "usr/share/zoneinfo").mkdir(parents=True)
        _open_to_all(root)


def complete(root: Path) -> None:
    """Add the standard library and the guest to a root that `begin` made. Raises SandboxFailure."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    library = root / "usr/lib" / version
    with _sandbox_failures():
        shutil.copytree(sysconfig.get_path("stdlib"), library, ignore=_leave_out, copy_function=_copy)
        _hide_prefix(library)
        dynload = Path(sysconfig.get_path("platstdlib")) / "lib-dynload"
        if not (library / "lib-dynload").exists():
            shutil.copytree(dynload, library / "lib-dynload", ignore=_leave_out, copy_function=_copy)
        _copy_libraries(root, list((library / "lib-dynload").glob("*.so")))
        for locale in filter(Path.is_dir, _LOCALES):
            shutil.copytree(locale, root / str(locale).lstrip("/"), copy_function=_copy)
        write_guest_files(root)
        _open_to_all(root)


class MappedFiles:
    """The files of a root that processes map: the interpreter, its modules and the shared libraries.

    The cgroup of the first process that reads a page is charged for it. At a job's limit the kernel drops and
    reads again, over and over, the pages that the job runs from, if they are charged to the job's own cgroup.
    """

    def __init__(self, root: Path) -> None:
        """Find the files of a root that `complete` made."""
        libraries = (path for path in root.rglob("*.so*") if path.is_file())
        self._files = [Path(str(root) + PYTHON), *libraries]

    def read(self) -> None:
        """Read the files, so that the caller is charged for pages that the kernel has dropped."""
        buffer = bytearray(256 * 1024)
        for file in self._files:
            with open(file, "rb", buffering=0) as source:
                while source.readinto(buffer):
                    pass


@contextmanager
def _sandbox_failures() -> Iterator[None]:
    try:
        yield
    except (OSError, shutil.Error, subprocess.SubprocessError, SyntaxError) as error:
        raise SandboxFailure(f"the root of the jails could not be made: {error}") from error


def _leave_out(_folder: str, names: list[str]) -> set[str]:
    return {name for name in names if _LEFT_OUT.fullmatch(name)}


def _copy(source: str, target: str) -> str:
    """Copy a file, readable by all and writable by no user.

    The copy keeps the modification time, because Python compares it with compiled modules. The owner cannot
    write the copy either: if the worker is an ordinary user, its jobs run as that user.
    """
    shutil.copy2(source, target)
    os.chmod(target, 0o555 if os.access(source, os.X_OK) else 0o444)
    return target


def _hide_prefix(library: Path) -> None:
    """Replace the host's prefix in sysconfig's data by the prefix inside a jail."""
    for data in library.glob("_sysconfigdata_*.py"):
        text = data.read_text()
        # An interpreter that was moved also records the prefix it was built for.
        for prefix in {sys.base_prefix, *re.findall(r"^ 'prefix': '(/.+)'", text, re.MULTILINE)}:
            text = text.replace(prefix, "/usr")
        data.chmod(0o644)
        data.write_text(text)
        data.chmod(0o444)
        for compiled in (library / "__pycache__").glob(f"{data.stem}.*.pyc"):
            compiled.unlink()


def _copy_libraries(root: Path, binaries: list[Path]) -> None:
    """Copy the shared libraries of `binaries` to a folder that the loader searches by default."""
    found = subprocess.run(
        ["/usr/bin/ldd", *binaries], check=False, capture_output=True, text=True, timeout=60
    ).stdout
    libraries = {Path(path) for path in re.findall(r"=> (/\S+) \(", found)}
    loaders = {Path(path) for path in re.findall(r"^\s+(/\S+) \(", found, re.MULTILINE)}
    home = next((path.parent for path in libraries if path.name.startswith("libc.so")), Path("/lib"))
    libraries |= {home / name for name in _LOADED_BY_NAME if (home / name).exists()}
    targets = {path: home / path.name for path in libraries} | {path: path for path in loaders}
    for source, target in targets.items():
        inside = root / str(target).lstrip("/")
        # The interpreter's libraries are already there when the libraries of the modules are copied.
        if not inside.exists():
            inside.parent.mkdir(parents=True, exist_ok=True)
            _copy(str(source), str(inside))


def _open_to_all(root: Path) -> None:
    """Let every user list the folders, whatever the umask was."""
    for folder, _, _ in os.walk(root):
        os.chmod(folder, 0o755)  # noqa: S103
