"""The command line of environments: `python -m environments`, which `python-executor environment` starts."""

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Final

from config.settings import load_settings
from environments import check
from environments.build import build
from environments.folder import Folder
from environments.installed import Broken, Installed, examine
from environments.refusal import Refusal

_EXAMPLES: Final = """\
examples:
  python-executor environment build data requirements/environments/data.lock
  python-executor environment list
  python-executor environment check
  python-executor environment remove data

The setting ENVIRONMENTS names the folder. Workers offer what it has when they start.
docs/how-to/environments.md explains how to write a lock file.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status: 1 if something is wrong, 2 for a wrong option."""
    asked = _parser().parse_args(arguments)
    folder = Folder.of(load_settings().environments)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    # Files are made for every user, whatever the operator's umask is.
    os.umask(0o022)
    command: Callable[[Folder, argparse.Namespace], int] = asked.command
    try:
        return command(folder, asked)
    except Refusal as refusal:
        return _fail(str(refusal))
    except OSError as error:
        return _fail(f"{error.filename or folder.path}: {error.strerror}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python-executor environment",
        description="Build and keep the environments: the packages that scripts can import.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    text = "build an environment from a lock file, or build it again"
    build = commands.add_parser("build", help=text, description=f"{text.capitalize()}.")
    build.add_argument("name", metavar="NAME", help="the name that requests give, for example data")
    build.add_argument(
        "lock",
        metavar="LOCK",
        type=Path,
        help="requirements file with name==version and --hash=sha256:… each",
    )
    build.set_defaults(command=_build)
    text = "list the environments and their packages"
    shown = commands.add_parser("list", help=text, description=f"{text.capitalize()}.")
    shown.add_argument("--json", action="store_true", help="print them as JSON")
    shown.set_defaults(command=_list)
    text = "compare every file with what was built"
    checked = commands.add_parser("check", help=text, description=f"{text.capitalize()}.")
    checked.add_argument("name", metavar="NAME", nargs="?", help="only this environment")
    checked.set_defaults(command=_check)
    text = "remove an environment"
    removed = commands.add_parser(
        "remove",
        help=text,
        description=f"{text.capitalize()}. Its files stay until the workers that use them have ended.",
    )
    removed.add_argument("name", metavar="NAME")
    removed.set_defaults(command=_remove)
    return parser


def _build(folder: Folder, asked: argparse.Namespace) -> int:
    built = build(folder, asked.name, asked.lock, _say)
    _say(f"{asked.name}: {len(built.packages)} packages in {folder.path / asked.name}")
    return 0


def _list(folder: Folder, asked: argparse.Namespace) -> int:
    _clear(folder)
    found = list(examine(folder.path))
    broken = [one for one in found if isinstance(one, Broken)]
    if asked.json:
        whole = [_public(one) for one in found if isinstance(one, Installed)]
        _say(json.dumps({"environments": whole, "broken": [asdict(one) for one in broken]}, indent=2))
        return 1 if broken else 0
    if not found:
        _say(f"no environment in {folder.path}")
    for one in found:
        if isinstance(one, Installed):
            environment = one.environment
            _say(f"{environment.name}  Python {environment.python}  {environment.digest}")
            for package in environment.packages:
                _say(f"  {package.name} {package.version}  {package.license or 'licence not stated'}")
        else:
            _say(f"{one.name}  BROKEN: {one.reason}")
    return 1 if broken else 0


def _public(one: Installed) -> dict[str, object]:
    fields = asdict(one.environment)
    del fields["preloaded"]
    return {**fields, "folder": str(one.packages.folder)}


def _check(folder: Folder, asked: argparse.Namespace) -> int:
    found = list(examine(folder.path))
    names = {one.name if isinstance(one, Broken) else one.environment.name: one for one in found}
    if asked.name and asked.name not in names:
        if isinstance(whole := names.get(str(folder.path)), Broken):
            raise Refusal(whole.reason)
        raise Refusal(f"there is no environment {asked.name!r} in {folder.path}")
    faulty = False
    for name, one in names.items():
        if asked.name in (None, name):
            faults = (
                [one.reason] if isinstance(one, Broken) else list(check.compare(one.packages.folder.parent))
            )
            faulty |= bool(faults)
            for line in faults or ["every file is as it was built"]:
                _say(f"{name}: {line}")
    return 1 if faulty else 0


def _remove(folder: Folder, asked: argparse.Namespace) -> int:
    if asked.name not in folder.names():
        raise Refusal(f"there is no environment {asked.name!r} in {folder.path}")
    with folder.changing():
        folder.unlink(asked.name)
        folder.clear()
    _say(f"{asked.name}: removed; workers that run offer it until they end")
    return 0


def _clear(folder: Folder) -> None:
    """Remove what interrupted commands left, if this user may and no other command is running."""
    if not os.access(folder.path, os.W_OK):
        return
    with suppress(Refusal, OSError), folder.changing():
        folder.clear()


def _say(line: str) -> None:
    print(line, flush=True)


def _fail(reason: str) -> int:
    print(f"python-executor environment: {reason}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
