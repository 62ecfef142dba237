"""API keys: entries, settings and lookup."""

import hashlib
from pathlib import Path

import pytest

from config.credentials import BadEntry, Credentials, load_credentials, new_key
from config.settings import Settings

DIGEST = hashlib.sha256(b"secret").hexdigest()


def test_credentials_require_no_key_when_there_is_no_entry() -> None:
    assert not Credentials.parse([]).required


def test_credentials_return_the_name_when_the_key_is_known() -> None:
    key, entry = new_key("shop")
    other, other_entry = new_key("school")
    credentials = Credentials.parse([entry, other_entry])
    assert credentials.required
    assert credentials.name_of(key) == "shop"
    assert credentials.name_of(other) == "school"


@pytest.mark.parametrize("offered", ["", "secre", "secret ", "SECRET", DIGEST, "é", "\x00"])
def test_credentials_return_none_when_the_key_is_unknown(offered: str) -> None:
    assert Credentials.parse([f"shop:{DIGEST}"]).name_of(offered) is None


def test_credentials_accept_both_keys_when_they_have_one_name() -> None:
    (first, entry), (second, second_entry) = new_key("shop"), new_key("shop")
    credentials = Credentials.parse([entry, second_entry])
    assert credentials.name_of(first) == credentials.name_of(second) == "shop"


def test_credentials_are_refused_when_one_key_has_two_names() -> None:
    with pytest.raises(BadEntry, match="entry 2"):
        Credentials.parse([f"shop:{DIGEST}", f"school:{DIGEST.upper()}"])


def test_new_key_is_different_when_made_twice() -> None:
    assert new_key("a")[0] != new_key("a")[0]


@pytest.mark.parametrize("name", ["", "a:b", "a b", "a" * 65, "é", "a,b", "a\n"])
def test_new_key_is_refused_when_its_name_is_invalid(name: str) -> None:
    with pytest.raises(BadEntry):
        new_key(name)


@pytest.mark.parametrize(
    "keys", ["secret", "shop:secret", f"shop:{DIGEST[:-1]}", f":{DIGEST}", f"shop:{DIGEST},secret"]
)
def test_start_stops_and_hides_the_entry_when_a_key_entry_is_invalid(
    keys: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        load_credentials(Settings(api_keys=keys))
    assert stop.value.code == 2
    output = capsys.readouterr().err
    assert output.startswith("python-executor: API_KEYS: entry ")
    assert output.count("\n") == 1
    assert "secret" not in output
    assert DIGEST[:8] not in output


def test_keys_are_read_from_both_settings_when_both_are_given(tmp_path: Path) -> None:
    key, entry = new_key("school")
    file = tmp_path / "keys"
    file.write_text(f"# the customers\n\n  {entry}  # since May\n")
    credentials = load_credentials(Settings(api_keys=f" shop:{DIGEST} ,", api_keys_file=file))
    assert credentials.name_of(key) == "school"
    assert credentials.name_of("secret") == "shop"


@pytest.mark.parametrize("text", [None, b"", b"# none yet\n", b"\xff", b"secret\n"])
def test_start_stops_when_the_key_file_is_unreadable_empty_or_invalid(
    text: bytes | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "keys"
    if text is not None:
        file.write_bytes(text)
    with pytest.raises(SystemExit):
        load_credentials(Settings(api_keys_file=file))
    output = capsys.readouterr().err
    assert output.startswith("python-executor: API_KEYS_FILE: ")
    assert output.count("\n") == 1
    assert "secret" not in output


def test_start_stops_with_one_line_when_the_file_gives_a_key_of_the_list_another_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "keys"
    file.write_text(f"school:{DIGEST}")
    with pytest.raises(SystemExit):
        load_credentials(Settings(api_keys=f"shop:{DIGEST}", api_keys_file=file))
    output = capsys.readouterr().err
    assert output.startswith("python-executor: API_KEYS and API_KEYS_FILE together: entry 2")
    assert output.count("\n") == 1


@pytest.mark.parametrize("keys", [",", " "])
def test_start_stops_when_the_list_of_keys_is_empty(keys: str) -> None:
    with pytest.raises(SystemExit):
        load_credentials(Settings(api_keys=keys))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_credentials_require_no_key_when_the_host_is_loopback(host: str) -> None:
    assert not load_credentials(Settings(host=host)).required


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
def test_start_stops_when_the_host_is_public_without_keys_or_permission(
    host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        load_credentials(Settings(host=host))
    output = capsys.readouterr().err
    assert output.startswith(f"python-executor: HOST: {host} ")
    assert output.count("\n") == 1
    assert load_credentials(Settings(host=host, api_keys=f"shop:{DIGEST}")).required
    assert not load_credentials(Settings(host=host, allow_unauthenticated=True)).required
