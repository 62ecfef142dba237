"""The command line of the sandbox: `python -m sandbox selftest`."""

import argparse
import logging
import sys
from contextlib import closing
from pathlib import Path

from sandbox.errors import SandboxFailure
from sandbox.factory import JailOptions, open_sandbox
from sandbox.isolation import Isolation
from selftest import catalogue, startup, table


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status: 1 if a probe was missed, 2 if no sandbox works here."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="Test the sandbox.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    selftest = commands.add_parser("selftest", help="attack the sandbox, and print which attacks failed")
    selftest.add_argument("--sandbox", choices=("auto", "nsjail", "restricted"), default="auto")
    selftest.add_argument("--isolation", choices=list(Isolation), default=Isolation.SLOT, help="under nsjail")
    selftest.add_argument("--nsjail", type=Path, metavar="PATH", help="the nsjail binary")
    selftest.add_argument("--only", nargs="+", metavar="NAME", help="probes or areas, by name")
    asked = parser.parse_args(arguments)
    logging.basicConfig(format="%(message)s")
    # Say where the cgroups and files of jails are, if that is not the usual place.
    logging.getLogger("sandbox.jail").setLevel(logging.INFO)
    try:
        jails = JailOptions(nsjail=asked.nsjail, isolation=Isolation(asked.isolation))
        with (
            open_sandbox(asked.sandbox, verify=startup.verify, jails=jails) as factory,
            closing(factory.create()) as sandbox,
        ):
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


if __name__ == "__main__":
    sys.exit(main())
