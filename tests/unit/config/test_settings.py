"""The settings: a bad value stops the start with one line that names it."""

import pytest

from config.settings import load_settings


@pytest.mark.parametrize(
    "hosts",
    [
        "http://example.com",
        "example.com:8080",
        "example.com,,",
        "a b",
        "*.example.com",
        "[::1]",
        "a..b",
        ".a",
        "é",
    ],
)
def test_start_stops_with_one_line_when_hosts_are_no_host_names(
    hosts: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOSTS", hosts)
    with pytest.raises(SystemExit):
        load_settings()
    line = "python-executor: HOSTS: must be host names without ports, separated by commas, or *"
    assert capsys.readouterr().err == f"{line} (got {hosts!r})\n"


@pytest.mark.parametrize("hosts", ["example.com", " a-1.example.com , b_2. ,10.0.0.1", "*", ""])
def test_settings_accept_hosts(hosts: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTS", hosts)
    assert load_settings().hosts == (hosts or None)


def test_start_stops_with_one_line_when_preload_is_no_list_of_modules(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PRELOAD", "numpy;pandas")
    with pytest.raises(SystemExit):
        load_settings()
    reason = "PRELOAD: must be names of modules, separated by commas"
    assert capsys.readouterr().err == f"python-executor: {reason} (got 'numpy;pandas')\n"
