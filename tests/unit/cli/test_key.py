import re

import pytest
from click.testing import CliRunner

from cli.main import main
from config.credentials import Credentials
from tests.support.documents import document


def test_a_key_is_shown_with_the_entry_that_lets_it_in() -> None:
    shown = CliRunner().invoke(main, ["key", "shop"])
    assert shown.exit_code == 0
    key, entry = re.fullmatch(r"key:   (\S+)\nentry: (\S+)\n", shown.output).groups()  # type: ignore[union-attr]
    assert Credentials.parse([entry]).name_of(key) == "shop"


@pytest.mark.parametrize("name", ["", "a:b", "a,b", "a b"])
def test_a_bad_name_is_told(name: str) -> None:
    shown = CliRunner().invoke(main, ["key", name])
    assert shown.exit_code == 2
    assert "NAME" in shown.output


def test_the_documents_show_a_key_as_the_command_does() -> None:
    [block] = [one for one in document("docs/how-to/api-keys.md").blocks if one.language == "console"]
    _, key, entry = (line.split()[-1] for line in block.text.splitlines())
    assert Credentials.parse([entry]).name_of(key) == "shop"
