"""The disk of a machine with systemd: a Debian release, its kernel, and the packages that the tests import.

An image is built once for each release and each version of what it is made of, and kept. A machine writes to
a copy, so several can run from one image at once. The checkout is not in it: that is a second disk, which
`tests.support.machine.run` makes for each machine.

python -m tests.support.machine.image     builds the image, or says that it exists

Settings, from the environment:

    RELEASE         the release: bookworm, trixie, sid; by default the host's own
    MACHINE_CACHE   where images are kept; by default python-executor/machines in the user's cache folder
"""

import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement

from tests.support.checkout import ROOT

GUEST: Final = ROOT / "tests/machine/guest"

#: In the machine: the folder of the checkout, the Python environment that its .venv points to, and the user.
_CHECKOUT: Final = "/srv/python-executor"
ENVIRONMENT: Final = "/srv/environment"
_USER: Final = "dev"

#: The programs that building and running need, with the Debian package of each.
PROGRAMS: Final = {
    "mmdebstrap": "mmdebstrap",
    "mkfs.ext4": "e2fsprogs",
    "unshare": "util-linux",
    "apt-get": "apt",
}

#: The release on a host that is no Debian.
_RELEASE: Final = "bookworm"

_PACKAGES: Final = (
    "systemd-sysv",
    "dbus-user-session",
    "libpam-systemd",
    "linux-image-cloud-amd64",
    "make",
    "python3",
    "zstd",
)

#: Large Python packages that no test in the machine imports.
_LEFT_OUT: Final = ("kubernetes-validate", "mypy", "playwright", "ruff", "schemathesis", "uv")

#: Files that no test reads. Without them unpacking is faster.
_EXCLUDED: Final = ("doc", "locale", "man")

#: Units that would use CPU time while the tests run.
_MASKED: Final = (
    *("apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "fstrim.timer"),
    *("e2scrub_all.timer", "e2scrub_reap.service", "systemd-networkd.service", "systemd-timesyncd.service"),
)

#: The modules without which the kernel cannot read the disk, which has the others.
_INITRD_MODULES: Final = ("virtio_pci", "virtio_blk", "ext4")

#: The size of the disk. The file is sparse.
_DISK_SIZE: Final = 3 << 30

#: Seconds for one command. The slowest one downloads and unpacks the release.
_TIMEOUT: Final = 900


@dataclass(frozen=True)
class Image:
    """A disk and the kernel that starts from it.

    Attributes:
        folder: The folder of the three files.
    """

    folder: Path

    @property
    def disk(self) -> Path:
        """An ext4 file system."""
        return self.folder / "disk"

    @property
    def kernel(self) -> Path:
        """The release's kernel."""
        return self.folder / "kernel"

    @property
    def initrd(self) -> Path:
        """The kernel's first file system."""
        return self.folder / "initrd"


def missing_programs() -> list[str]:
    """Return the Debian packages that a build needs and this host lacks."""
    return [package for program, package in PROGRAMS.items() if shutil.which(program) is None]


def chosen_release(environment: Mapping[str, str], host: Mapping[str, str]) -> str:
    """Return the Debian release of the machine.

    Args:
        environment: RELEASE names it.
        host: The fields of the host's os-release(5).
    """
    if chosen := environment.get("RELEASE"):
        return chosen
    return host.get("VERSION_CODENAME", _RELEASE) if host.get("ID") == "debian" else _RELEASE


def cache_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder of all images."""
    if chosen := environment.get("MACHINE_CACHE"):
        return Path(chosen)
    cache = environment.get("XDG_CACHE_HOME") or str(Path(environment["HOME"]) / ".cache")
    return Path(cache) / "python-executor/machines"


def image_name(release: str, *contents: str) -> str:
    """Return the name of an image. Images of other contents have other names."""
    digest = hashlib.sha256("\0".join((release, *contents)).encode()).hexdigest()
    return f"{release}-{digest[:12]}"


@contextmanager
def image(environment: Mapping[str, str] = os.environ) -> Iterator[Image]:
    """Build the image unless it exists; keep it from removal while the context lasts."""
    release = chosen_release(environment, platform.freedesktop_os_release())
    lock, own_source = ROOT / "requirements/dev.lock", Path(__file__)
    contents = [path.read_text() for path in (lock, own_source, *sorted(GUEST.glob("agent*")))]
    cache = cache_folder(environment)
    cache.mkdir(parents=True, exist_ok=True)
    folder = cache / image_name(release, sys.version.split()[0], *contents)
    with _locked(cache / f"{release}.lock"):
        if not folder.is_dir():
            _remove_unused(cache, release)
            part = folder.with_suffix(".part")
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir()
            _build(release, part)
            part.rename(folder)
        used = (folder / "used").open("wb")
        fcntl.flock(used, fcntl.LOCK_SH)
    with used:
        yield Image(folder)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _remove_unused(cache: Path, release: str) -> None:
    """Remove the earlier images of a release from which no machine runs."""
    for folder in cache.glob(f"{release}-*"):
        with (folder / "used").open("wb") as used:
            try:
                fcntl.flock(used, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            shutil.rmtree(folder)


def _build(release: str, folder: Path) -> None:
    root = folder / "root"
    _step(f"Debian {release}")
    _install_release(release, root)
    _step("the Python environment")
    _install_environment(root)
    _configure(root)
    _step("the disk")
    (kernel,), (initrd,) = root.glob("boot/vmlinuz-*"), root.glob("boot/initrd.img-*")
    shutil.move(kernel, folder / "kernel")
    shutil.move(initrd, folder / "initrd")
    disk = folder / "disk"
    disk.touch()
    os.truncate(disk, _DISK_SIZE)
    _run("mkfs.ext4", "-q", "-F", "-O", "^has_journal", "-d", str(root), str(disk))
    shutil.rmtree(root)
    _step("done")


def _step(name: str) -> None:
    print(f"machine: {time.strftime('%H:%M:%S')} {name}", file=sys.stderr, flush=True)


def _run(*command: str) -> str:
    """Run a command and return its output; show its errors if it fails."""
    try:
        ran = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=True,
        )
    except subprocess.CalledProcessError as error:
        raise RuntimeError(f"{command[0]} failed: {error.stderr[-2000:]}") from error
    return ran.stdout


def _install_release(release: str, root: Path) -> None:
    # Packages come from the mirror of the host's own Debian. The mirror may be a snapshot whose index has
    # expired; the host's apt says whether that is accepted.
    sites = _run("apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages").split()
    until = _run("apt-config", "dump", "--format", "%v%n", "Acquire::Check-Valid-Until").strip()
    # A small initial file system is read and unpacked faster.
    modules, settings = "usr/share/initramfs-tools/modules.d", "etc/initramfs-tools/conf.d"
    hook = (
        f'cd "$1" && mkdir -p {modules} {settings}'
        f" && printf '%s\\n' {' '.join(_INITRD_MODULES)} >{modules}/machine && echo MODULES=list >{settings}/machine"
    )
    # The mounts that mmdebstrap makes in the root vanish with its namespace, also if it is killed.
    _run(
        *("unshare", "--mount", "--propagation", "private"),
        *("mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(_PACKAGES)}"),
        *(f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in _EXCLUDED),
        *([f'--aptopt=Acquire::Check-Valid-Until "{until}"'] if until else []),
        f"--essential-hook={hook}",
        *(release, str(root), sites[0]),
    )


def _install_environment(root: Path) -> None:
    """Make the Python environment with the packages of the lock file, for the release's own Python."""
    _run("chroot", str(root), "python3", "-m", "venv", "--without-pip", ENVIRONMENT)
    environment = root / ENVIRONMENT.lstrip("/")
    (site,) = environment.glob("lib/python3*/site-packages")
    version = _run(
        "chroot", str(root), "python3", "-c", "import platform; print(platform.python_version())"
    ).strip()
    if version == platform.python_version():
        # The host's own environment has the same packages.
        folders = [name.replace("-", "_") for name in _LEFT_OUT]
        left_out = shutil.ignore_patterns(*folders, *(f"{name}-*.dist-info" for name in folders))
        shutil.copytree(
            sysconfig.get_path("purelib"), site, symlinks=True, ignore=left_out, dirs_exist_ok=True
        )
    else:
        options = ("--require-hashes", "--no-deps", "--only-binary=:all:", "--no-compile", "--quiet")
        target = (f"--python-version={version}", f"--target={site}")
        lock = root.parent / "lock"
        lock.write_text(requirements((ROOT / "requirements/dev.lock").read_text(), version))
        _run(sys.executable, "-m", "pip", "install", *options, *target, "-r", str(lock))
        lock.unlink()
    for old in site.glob("*python_executor*.pth"):
        old.unlink()
    (site / "checkout.pth").write_text(f"{_CHECKOUT}\n")
    command = environment / "bin/python-executor"
    command.write_text(f"#!{ENVIRONMENT}/bin/python\nfrom cli.main import main\nmain()\n")
    command.chmod(0o755)
    # In the machine, compiling would take a minute.
    _run("chroot", str(root), "python3", "-m", "compileall", "-q", f"{ENVIRONMENT}/lib")


def requirements(lock: str, python: str) -> str:
    """Return the requirements of a lock file that the machine needs, each with its hashes.

    They have no markers: pip would judge them by the Python that runs it.

    Args:
        lock: The contents of the lock file.
        python: The full version of the machine's Python.
    """
    target = {"python_full_version": python, "python_version": ".".join(python.split(".")[:2])}
    needed = []
    for block in re.findall(r"^[^\s#].*\n(?: +.*\n)*", lock, flags=re.MULTILINE):
        pinned = Requirement(block.partition("--hash")[0].strip(" \\\n"))
        if pinned.name not in _LEFT_OUT and (pinned.marker is None or pinned.marker.evaluate(target)):
            needed.append(re.sub(r" ;.*?( \\)?$", r"\1", block, count=1, flags=re.MULTILINE))
    return "".join(needed)


def _configure(root: Path) -> None:
    _run("chroot", str(root), "useradd", "--create-home", "--shell", "/bin/bash", _USER)
    (root / _CHECKOUT.lstrip("/")).mkdir()
    units = root / "etc/systemd/system"
    shutil.copy(GUEST / "agent.service", units)
    wanted = units / "multi-user.target.wants"
    wanted.mkdir(exist_ok=True)
    (wanted / "agent.service").symlink_to("../agent.service")
    shutil.copy(GUEST / "agent", root / "usr/local/sbin/agent")
    (root / "usr/local/sbin/agent").chmod(0o755)
    for unit in _MASKED:
        (units / unit).unlink(missing_ok=True)
        (units / unit).symlink_to("/dev/null")
    (root / "etc/hostname").write_text("machine\n")
    (root / "etc/hosts").write_text("127.0.0.1 localhost machine\n")
    (root / "etc/fstab").write_text("")
    (root / "etc/resolv.conf").unlink(missing_ok=True)


if __name__ == "__main__":
    with image() as built:
        print(f"machine: {built.folder.name} is ready", file=sys.stderr)
