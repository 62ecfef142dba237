"""The command line of the sandbox: `python -m sandbox selftest`."""

import argparse
import logging
import sys
from contextlib import closing
from pathlib import Path

from jobs.environment import STDLIB
from sandbox.environment_check import check
from sandbox.environment_view import EnvironmentView
from sandbox.errors import SandboxFailure
from sandbox.factory import JailOptions, open_sandbox
from sandbox.isolation import Isolation
from sandbox.packages import Packages
from selftest import catalogue, startup, table


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status: 1 if a probe was missed, 2 if no sandbox works here."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="Test the sandbox.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    selftest = commands.add_parser("selftest", help="attack the sandbox, and print which attacks failed")
    selftest.add_argument("--sandbox", choices=("auto", "nsjail", "restricted"), default="auto")
    selftest.add_argument("--isolation", choices=list(Isolation), default=Isolation.SLOT, help="under nsjail")
    selftest.add_argument("--nsjail", type=Path, metavar="PATH", help="the nsjail binary")
    selftest.add_argument("--environment", metavar="NAME", default=STDLIB, help="the environment of the jobs")
    selftest.add_argument("--only", nargs="+", metavar="NAME", help="probes or areas, by name")
    asked = parser.parse_args(arguments)
    logging.basicConfig(format="%(message)s")
    # Say where the cgroups and files of jails are, if that is not the usual place.
    logging.getLogger("sandbox.jail").setLevel(logging.INFO)
    try:
        jails = JailOptions(
            nsjail=asked.nsjail,
            isolation=Isolation(asked.isolation),
            environments=_packages(asked.environment),
        )
        with (
            open_sandbox(asked.sandbox, verify=startup.verify, jails=jails) as factory,
            closing(factory.create()) as opened,
        ):
            if jails.environments and not factory.environments:
                raise SandboxFailure(f"the sandbox {factory.kind} has no environment {asked.environment}")
            for packages in factory.environments:
                if fault := check(opened, packages, startup.verify):
                    raise SandboxFailure(f"environment {asked.environment}: {fault}")
            sandbox = EnvironmentView(opened, asked.environment)
            probes = catalogue.probes(factory.kind)
            if asked.only:
                known = {name for probe in probes for name in (probe.name, probe.area)}
                if unknown := sorted(set(asked.only) - known):
                    parser.error(f"no probe of {factory.kind} is named {', '.join(unknown)}")
                probes = [probe for probe in probes if {probe.name, probe.area} & set(asked.only)]
            print(f"{factory.kind}: {factory.detail}")
            return table.run(sandbox, probes, sys.stdout)
    except SandboxFailure as failure:
        print(f"python -m sandbox: {failure}", file=sys.stderr)
        return 2


def _packages(environment: str) -> tuple[Packages, ...]:
    """Return the packages of an environment, none for `stdlib`. Raises SandboxFailure."""
    if environment == STDLIB:
        return ()
    # Without packages the sandbox needs nothing but an interpreter.
    from config.settings import load_settings  # noqa: PLC0415
    from environments.installed import installed  # noqa: PLC0415

    settings = load_settings()
    found = {
        one.packages.environment: one.packages for one in installed(settings.environments, settings.preload)
    }
    if environment not in found:
        raise SandboxFailure(
            f"there is no environment {environment}; there are: {', '.join((STDLIB, *found))}"
        )
    return (found[environment],)


if __name__ == "__main__":
    sys.exit(main())
