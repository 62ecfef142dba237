"""The reference of `pyexec`, compared with the command."""

import re
import subprocess

import click
import pytest

from python_executor.pyexec.commands import pyexec
from tests.support.documents import document
from tests.support.pyexec import PROGRAM

PAGE = document("docs/reference/pyexec.md")


def help_of(*command: str) -> str:
    """Return the help as a wide terminal shows it, without its examples."""
    variables = {"COLUMNS": "200", "LANG": "C.UTF-8"}
    ran = subprocess.run(
        [PROGRAM, *command, "--help"], capture_output=True, check=True, text=True, env=variables
    )
    return re.sub(r" {2}Examples:\n(?: {4}.*\n)+\n", "", ran.stdout)


def test_reference_shows_the_help_of_the_command() -> None:
    assert f"```text shown: `pyexec --help`\n{help_of()}```\n" in PAGE.text, help_of()


@pytest.mark.parametrize("name", list(pyexec.commands))
def test_reference_shows_the_help_of_each_command(name: str) -> None:
    expected = f"## pyexec {name}\n\n```text shown: `pyexec {name} --help`\n{help_of(name)}```\n"
    assert expected in PAGE.text, expected


def test_reference_shows_no_other_command() -> None:
    assert re.findall(r"^## pyexec (\S+)$", PAGE.text, re.MULTILINE) == list(pyexec.commands)


@pytest.mark.parametrize("name", list(pyexec.commands))
def test_every_command_takes_the_options_of_the_service(name: str) -> None:
    hidden = [each.opts for each in pyexec.commands[name].params if getattr(each, "hidden", False)]
    assert hidden == ([] if name == "completion" else [["--url"], ["--key"], ["--patience"]])
    assert isinstance(pyexec.commands[name], click.Command)
