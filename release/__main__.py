"""`make release`: build the files of a release into dist/."""

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from release import distributions, images
from release.checksums import write_checksums
from release.commands import ReleaseError, report
from release.sbom import write_sbom
from release.source import check_releasable, export, fix_environment, read_source

_RESULT: Final = Path("dist")
#: Everything is made here first, so that dist/ never holds half of a release. Git ignores both folders.
_SCRATCH: Final = Path("build/release")


def main() -> None:
    """Build the release of the commit that is checked out."""
    parser = argparse.ArgumentParser(prog="python -m release", description="Build a release into dist/.")
    parser.add_argument(
        "--build-arg",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        dest="arguments",
        help="an argument of the Dockerfiles, for example PYTHON_VERSION=3.11",
    )
    try:
        _release(parser.parse_args().arguments)
    except ReleaseError as error:
        sys.exit(f"make release: {error}")


def _release(arguments: Sequence[str]) -> None:
    source = read_source()
    check_releasable(source)
    fix_environment(source)
    architecture = images.find_engine()
    if architecture is None:
        if os.environ.get("CI"):
            raise ReleaseError("no container engine answers `docker version`, and CI is set")
        report("no container engine answers `docker version`: the release has no images")

    report(f"{source.name} {source.version} from commit {source.revision}")
    shutil.rmtree(_SCRATCH, ignore_errors=True)
    tree, made = _SCRATCH / "source", _SCRATCH / "dist"
    export(tree)
    made.mkdir()
    artifacts = distributions.build(tree, made)
    if architecture:
        artifacts += images.build(source, tree, made, architecture, arguments)
    for artifact in artifacts:
        write_sbom(artifact, source, made)
    write_checksums(made)

    shutil.rmtree(_RESULT, ignore_errors=True)
    made.rename(_RESULT)
    shutil.rmtree(_SCRATCH)
    report(f"{_RESULT}/ has {len(list(_RESULT.iterdir()))} files; SHA256SUMS has the checksums")


if __name__ == "__main__":
    main()
