"""The types in the comments of the pages' modules."""

import shutil
import subprocess
from pathlib import Path

from tests.support import npm
from tests.support.checkout import ROOT

STATIC = ROOT / "api/pages/static"
PACKAGES = ROOT / "requirements/pages"


def test_type_checker_finds_no_fault_in_the_modules(tmp_path: Path) -> None:
    programs = npm.install(PACKAGES, tmp_path, optional=True)
    shutil.copy(PACKAGES / "tsconfig.json", tmp_path)
    shutil.copytree(STATIC, tmp_path / "static")
    # Use the sources of the bundles instead: the packages have types.
    for path in PACKAGES.glob("*.js"):
        shutil.copy(path, tmp_path / "static/vendor")
    checked = subprocess.run([programs / "tsc"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout) == (0, ""), checked.stdout
