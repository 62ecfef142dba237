"""The root of the jails is complete, whatever the interpreter's files and the worker's environment are like."""

import os
import shutil
import stat
import subprocess
import sys
import sysconfig
import textwrap
from pathlib import Path

import pytest

from sandbox.jail import root
from tests.support.checkout import ROOT

#: Starts a command that must keep to the modes of files, as an ordinary user must.
_WITHOUT_PRIVILEGES = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")


def _libraries(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("lib*.so*")}


@pytest.fixture(scope="module")
def complete(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root made by this process."""
    folder = tmp_path_factory.mktemp("complete") / "root"
    root.begin(folder)
    root.complete(folder)
    return folder


def _make(folder: Path, change: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Make a root in a new interpreter without privileges."""
    script = f"""
        from pathlib import Path
        from sandbox.jail import root
        {change}
        root.begin(Path({str(folder)!r}))
        root.complete(Path({str(folder)!r}))
    """
    return subprocess.run(
        [*(_WITHOUT_PRIVILEGES if os.geteuid() == 0 else ()), sys.executable, "-c", textwrap.dedent(script)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_root_has_the_libraries_that_modules_need(complete: Path) -> None:
    assert {"libcrypto.so.3", "libssl.so.3", "libffi.so.8", "libgcc_s.so.1"} <= _libraries(complete)
    # Those of modules that are left out.
    assert not [name for name in _libraries(complete) if name.startswith(("libtk", "libX11"))]


def test_root_has_no_file_that_a_user_can_write(complete: Path) -> None:
    writable = [
        path
        for path in complete.rglob("*")
        if not path.is_symlink() and stat.S_IMODE(path.stat().st_mode) & 0o022
    ]
    assert not writable


@pytest.mark.parametrize("variables", [{}, {"LD_VERBOSE": "1", "LD_DEBUG": "libs"}])
def test_root_is_the_same_when_folders_of_the_library_are_read_only(
    complete: Path, tmp_path: Path, variables: dict[str, str]
) -> None:
    library = tmp_path / "a library"
    shutil.copytree(
        sysconfig.get_path("stdlib"),
        library,
        ignore=shutil.ignore_patterns("site-packages", "test", "__pycache__"),
    )
    for folder in (library, *library.rglob("*")):
        if folder.is_dir():
            folder.chmod(0o555)
    made = _make(
        tmp_path / "root",
        f"root.sysconfig.get_path = lambda name: {str(library)!r}",
        **variables,
    )
    assert made.returncode == 0, made.stderr
    assert _libraries(tmp_path / "root") == _libraries(complete)
    for folder in (library, *library.rglob("*")):
        if folder.is_dir():
            folder.chmod(0o755)
