import re

import pytest
from click.testing import CliRunner

from cli.main import main
from config.credentials import Credentials
from tests.support.documents import document


def test_key_prints_a_key_and_its_entry() -> None:
    shown = CliRunner().invoke(main, ["key", "shop"])
    assert shown.exit_code == 0
    key, entry = re.fullmatch(r"key:   (\S+)\nentry: (\S+)\n", shown.output).groups()  # type: ignore[union-attr]
    assert Credentials.parse([entry]).name_of(key) == "shop"


@pytest.mark.parametrize("name", ["", "a:b", "a,b", "a b"])
def test_key_names_the_argument_when_the_name_is_bad(name: str) -> None:
    shown = CliRunner().invoke(main, ["key", name])
    assert shown.exit_code == 2
    assert "NAME" in shown.output


def test_api_keys_page_shows_the_output_of_key() -> None:
    [block] = [one for one in document("docs/how-to/api-keys.md").blocks if one.language == "console"]
    _, key, entry = (line.split()[-1] for line in block.text.splitlines())
    assert Credentials.parse([entry]).name_of(key) == "shop"
