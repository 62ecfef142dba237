"""The command `.ci/run`: which tests run in which of its groups."""

import subprocess
from pathlib import Path

from tests.support.checkout import ROOT

_MACHINE = "tests/machine"


def _read_groups() -> tuple[list[str], list[str]]:
    """Return the arguments that each run of pytest gets: of the run beside the others, and of the others."""
    print_groups = (
        'eval "$(sed -n "/^beside=(/,/^others=(/p" .ci/run)"; printf "%s\\n" "${beside[@]}" "" "${others[@]}"'
    )
    printed = subprocess.run(
        ["bash", "-ec", print_groups], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    beside, _, others = printed.partition("\n\n")
    return beside.split(), others.split()


def _contain(paths: list[str], file: Path) -> bool:
    return any(file.is_relative_to(path) for path in paths)


def test_every_test_file_runs_in_exactly_one_group() -> None:
    beside, others = _read_groups()
    ignored = [argument.removeprefix("--ignore=") for argument in others if argument.startswith("--ignore=")]
    named = [argument for argument in others if not argument.startswith("-")]
    for file in (path.relative_to(ROOT) for path in (ROOT / "tests").rglob("test_*.py")):
        groups = (
            file.is_relative_to(_MACHINE),
            _contain(beside, file),
            _contain(named, file) and not _contain(ignored, file),
        )
        assert sum(groups) == 1, (file, groups)


def test_each_path_of_the_group_beside_exists_and_contains_no_other() -> None:
    beside, _ = _read_groups()
    for path in beside:
        assert (ROOT / path).exists(), path
        assert not _contain([other for other in beside if other != path], Path(path)), path
