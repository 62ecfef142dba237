"""The URL of the service."""

import pytest

from python_executor import Client


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080x", "http://127.0.0.1:99999", "http://[::1"])
def test_client_names_the_setting_when_the_url_cannot_be_parsed(url: str) -> None:
    with pytest.raises(ValueError, match="PYTHON_EXECUTOR_URL") as raised:
        Client(url)
    assert repr(url) in str(raised.value)
