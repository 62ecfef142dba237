import socket

import pytest

from cli.checks import require_free_port, require_modules


def test_require_modules_passes_when_all_are_installed() -> None:
    require_modules("run", "json", "socket")


def test_require_modules_ends_with_one_line_when_a_module_is_missing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as exited:
        require_modules("run", "json", "no_such_module")
    assert exited.value.code == 2
    assert capsys.readouterr().err == (
        "python-executor: `run` needs no_such_module, which is not installed: "
        "`make install`, or `pip install '.[api,worker,run]'` in the source tree\n"
    )


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_require_free_port_ends_when_the_port_is_taken(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit):
            require_free_port(host, port)
        assert f"PORT: {port} is in use on {host}" in capsys.readouterr().err
    require_free_port(host, port)


def test_require_free_port_ends_when_the_address_is_of_another_machine(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        require_free_port("192.0.2.1", 8080)
    assert capsys.readouterr().err.startswith("python-executor: HOST, PORT: cannot listen on 192.0.2.1")
