"""`make pages`: write the files of the pages that are made from others."""

import sys
from pathlib import Path
from typing import Final

from release.commands import ReleaseError
from release.pages import examples
from release.pages.bundles import write_bundles

#: The folder that the API serves.
_STATIC: Final = Path("api/pages/static")


def main() -> None:
    """Write the files."""
    try:
        write_bundles(Path("requirements/pages"), _STATIC / "vendor")
        (_STATIC / examples.PATH).write_text(examples.examples_json(Path("examples")), "utf-8")
    except ReleaseError as error:
        sys.exit(f"make pages: {error}")


if __name__ == "__main__":
    main()
