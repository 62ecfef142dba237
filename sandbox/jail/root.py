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
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from sandbox.errors import SandboxFailure
from sandbox.jail.guest_files import write_guest_files
from validation.left_out import LEFT_OUT

PYTHON: Final = "/usr/bin/python3"

#: The folder of the standard library, and the one on which every jail mounts the packages of its environment.
LIBRARY: Final = f"/usr/lib/python{sys.version_info.major}.{sys.version_info.minor}"
SITE_PACKAGES: Final = f"{LIBRARY}/site-packages"

#: Folders on which every jail mounts something.
_MOUNT_POINTS: Final = ("tmp", "dev", SITE_PACKAGES.lstrip("/"))
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
        _copy_libraries(root, _find_libraries())
        for name in _MOUNT_POINTS:
            (root / name).mkdir(parents=True, exist_ok=True)
        for device in DEVICES:
            (root / "dev" / device).touch()
        for name, target in _LINKS.items():
            (root / "dev" / name).symlink_to(target)
        # An interpreter of Debian that a script starts looks for packages there.
        (root / LIBRARY.lstrip("/") / "dist-packages").symlink_to("site-packages")
        if _ZONEINFO.is_dir():
            (root / "usr/share/zoneinfo").mkdir(parents=True)
        _open_to_all(root)


def complete(root: Path) -> None:
    """Add the standard library and the guest to a root that `begin` made. Raises SandboxFailure."""
    library = root / LIBRARY.lstrip("/")
    stdlib = Path(sysconfig.get_path("stdlib"))
    modules, trees = stdlib / "lib-dynload", {stdlib: library}
    if not modules.exists():
        modules = Path(sysconfig.get_path("platstdlib")) / "lib-dynload"
        trees[modules] = library / "lib-dynload"
    trees |= {locale: root / str(locale).lstrip("/") for locale in _LOCALES if locale.is_dir()}
    with _sandbox_failures(), ThreadPoolExecutor() as pool:
        needed = pool.submit(_find_libraries, modules)
        # Copying mostly waits for the file system, so several threads copy.
        copies = [copy for tree in trees.items() for copy in _copy_tree(pool, *tree)]
        write_guest_files(root)
        for copy in copies:
            copy.result()
        _hide_prefix(library)
        _copy_libraries(root, needed.result())
        _open_to_all(root)


def add_libraries(root: Path, libraries: Iterable[Path]) -> None:
    """Add shared libraries of the host that packages load to a root that `complete` made.

    If one cannot be copied, the packages that need it cannot be imported, and their error names it.
    """
    home = next((path.parent for path in root.rglob("libc.so*")), root / "lib")
    for library in libraries:
        with suppress(OSError):
            _copy_new(str(library), home / library.name)


class MappedFiles:
    """The files that processes in a jail map: the interpreter, its modules, and shared libraries.

    The cgroup of the first process that reads a page is charged for it. At a job's limit the kernel drops and
    reads again, over and over, the pages that the job runs from, if they are charged to the job's own cgroup.
    """

    def __init__(self, *folders: Path) -> None:
        """Take a root that `complete` made, and folders of packages."""
        self._folders = folders
        self._files = list[Path]()

    def read(self) -> None:
        """Read the files, so that the caller is charged for pages that the kernel has dropped."""
        if not self._files:
            libraries = (path for folder in self._folders for path in folder.rglob("*.so*") if path.is_file())
            self._files = [Path(str(self._folders[0]) + PYTHON), *libraries]
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


def _copy_tree(pool: ThreadPoolExecutor, source: Path, target: Path) -> Iterator[Future[str]]:
    """Let threads copy the files of a folder, links as what they point to."""
    for folder, folders, names in os.walk(source, followlinks=True):
        folders[:] = [name for name in folders if not _LEFT_OUT.fullmatch(name)]
        copy = target / Path(folder).relative_to(source)
        # The mode of the original could forbid the copies.
        copy.mkdir(parents=True, exist_ok=True)
        for name in names:
            if not _LEFT_OUT.fullmatch(name):
                yield pool.submit(_copy, os.path.join(folder, name), str(copy / name))


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


def _find_libraries(modules: Path | None = None) -> dict[str, str]:
    """Return the shared libraries that the interpreter and the modules in a folder need.

    ldd starts a loader for each file, which takes half a second. Here one loader looks at all of them
    (man 8 ld.so).

    Args:
        modules: A folder with modules that the interpreter can load, None for none.

    Returns:
        The path of each library by the name that is needed. The loader itself has a path as its name.
    """
    interpreter = str(Path(sys.executable).resolve())
    names = [f"./{path.name}" for path in modules.glob("*.so")] if modules else []
    names = [name for name in names if not _LEFT_OUT.fullmatch(name.removeprefix("./"))]
    variables = {
        name: value for name, value in os.environ.items() if name[:3] != "LD_" or name == "LD_LIBRARY_PATH"
    }
    trace = {"LD_TRACE_LOADED_OBJECTS": "1", "LD_PRELOAD": ":".join(names)}
    # The loader ignores both variables for an interpreter that has capabilities. ldd does not need them.
    for command in ([interpreter, "-c", ""], ["/usr/bin/ldd", interpreter, *names]):
        printed = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
            cwd=modules,
            env=variables | (trace if command[0] == interpreter else {}),
        ).stdout
        found = dict(re.findall(r"^\s+(/?[^\s/]\S*) (?:=> (/.+) )?\(0x", printed, re.MULTILINE))
        if found:
            break
    return found


def _copy_libraries(root: Path, found: dict[str, str]) -> None:
    """Copy what `_find_libraries` found to folders that the loader searches by default."""
    libraries = {Path(path) for path in found.values() if path}
    home = next((path.parent for path in libraries if path.name.startswith("libc.so")), Path("/lib"))
    libraries |= {home / name for name in _LOADED_BY_NAME if (home / name).exists()}
    targets = {path: home / path.name for path in libraries}
    targets |= {Path(name): Path(name) for name in found if name.startswith("/")}
    for source, target in targets.items():
        _copy_new(str(source), root / str(target).lstrip("/"))


def _copy_new(source: str, target: Path) -> None:
    """Copy a file, unless it is there: modules need libraries that the interpreter needs too."""
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy(source, str(target))


def _open_to_all(root: Path) -> None:
    """Let every user list the folders, whatever the umask was."""
    for folder, _, _ in os.walk(root):
        os.chmod(folder, 0o755)  # noqa: S103
