import pytest

from python_executor import AsyncClient, Client
from python_executor.proxy import find_proxy
from python_executor.settings import DEFAULT_URL, KEY_VARIABLE, URL_VARIABLE, Settings

PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (URL_VARIABLE, KEY_VARIABLE, *PROXY_VARIABLES):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_settings_come_from_the_environment_when_they_are_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings.make(None, None, 30).url == DEFAULT_URL
    monkeypatch.setenv(URL_VARIABLE, "https://executor.example/base/")
    monkeypatch.setenv(KEY_VARIABLE, "secret")
    assert Settings.make(None, None, 30) == Settings("https://executor.example/base", "secret", 30)
    assert Settings.make("http://other", "", 30) == Settings("http://other", "", 30)


@pytest.mark.parametrize(
    "url",
    [
        "executor.example",
        "ftp://executor.example",
        "http://",
        "http:///jobs",
        "http://user:secret@executor.example",
        "http://:secret@executor.example",
        "http://executor.example?a=1",
        "http://executor.example#a",
        "http://executor.example:port",
        "http://executor.example:99999",
        "http://[::1",
        "http://executor example",
        "http://executor.exa\nmple",
        "http://ex\u00e9cuteur.example",
    ],
)
def test_url_is_refused_with_its_name_when_it_cannot_be_one(url: str) -> None:
    for kind in (Client, AsyncClient):
        with pytest.raises(ValueError, match=URL_VARIABLE) as raised:
            kind(url)
        assert "secret" not in str(raised.value)


@pytest.mark.parametrize("key", ["a b", "a\r\nX-Evil: 1", "\u00e9", "\x00"])
def test_key_is_refused_without_being_shown_when_no_header_can_have_it(key: str) -> None:
    with pytest.raises(ValueError, match=KEY_VARIABLE) as raised:
        Client(key=key)
    assert key not in str(raised.value)


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), float("inf"), 1e9])
def test_timeout_is_refused_when_it_is_no_time(timeout: float) -> None:
    with pytest.raises(ValueError, match="timeout"):
        Client(timeout=timeout)


def test_client_does_not_show_its_key() -> None:
    for kind in (Client, AsyncClient):
        client = kind("http://executor.example", "secret")
        assert repr(client) == f"{kind.__name__}('http://executor.example')"
        assert "secret" not in repr(vars(client))


def test_proxy_is_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_proxy("http://executor.example") is None
    monkeypatch.setenv("http_proxy", "proxy.example:3128")
    monkeypatch.setenv("https_proxy", "http://user:secret@proxy.example:3129")
    monkeypatch.setenv("no_proxy", "localhost,.internal")
    proxy = find_proxy("http://executor.example")
    assert proxy is not None
    assert str(proxy.url) == "http://proxy.example:3128"
    secured = find_proxy("https://executor.example")
    assert secured is not None
    assert secured.raw_auth == (b"user", b"secret")
    assert find_proxy("http://localhost:8080") is None
    assert find_proxy("http://executor.internal") is None


def test_proxy_is_refused_when_it_is_not_one_of_http(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("all_proxy", "socks5://user:secret@proxy.example")
    with pytest.raises(ValueError, match="proxy") as raised:
        Client("http://executor.example")
    assert "secret" not in str(raised.value)
