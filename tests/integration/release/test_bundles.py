"""The bundled JavaScript of the pages."""

from pathlib import Path

import pytest

from release.commands import ReleaseError
from release.pages.bundles import packages_in, write_bundles
from tests.support.checkout import ROOT
from tests.support.need import need
from tests.support.programs import need_program


def test_bundles_and_licences_are_those_of_the_pinned_packages(tmp_path: Path) -> None:
    need_program("node")
    need_program("npm")
    try:
        write_bundles(ROOT / "requirements/pages", tmp_path / "made")
    except ReleaseError as error:
        need(f"the packages of the pages cannot be bundled: {error}")
    committed = ROOT / "api/pages/static/vendor"
    made = {path.name: path.read_bytes() for path in (tmp_path / "made").iterdir()}
    assert made == {path.name: path.read_bytes() for path in committed.iterdir()}


@pytest.mark.parametrize(
    ("path", "packages"),
    [
        ("node_modules/@codemirror/view/dist/index.js", ["@codemirror/view"]),
        ("node_modules/crelt/index.js", ["crelt"]),
        ("codemirror.js", []),
    ],
)
def test_packages_are_those_with_code_in_a_bundle(path: str, packages: list[str]) -> None:
    unused = {"node_modules/unused/index.js": {"bytesInOutput": 0}}
    outputs = {"bundles/a.js": {"inputs": {path: {"bytesInOutput": 1}, **unused}}}
    assert packages_in({"outputs": outputs}) == packages
