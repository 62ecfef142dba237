import socket

import pytest

from cli.checks import refuse_taken_port, require


def test_what_is_installed_is_not_asked_for() -> None:
    require("run", "json", "socket")


def test_a_missing_extra_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        require("run", "json", "no_such_module")
    assert stop.value.code == 2
    assert capsys.readouterr().err == (
        "python-executor: `run` needs no_such_module, which is not installed: "
        "`make install`, or `pip install '.[api,worker,run]'` in the source tree\n"
    )


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_taken_port_is_refused_and_a_free_one_is_not(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit):
            refuse_taken_port(host, port)
        assert f"PORT: {port} is in use on {host}" in capsys.readouterr().err
    refuse_taken_port(host, port)


def test_an_address_of_another_machine_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        refuse_taken_port("192.0.2.1", 8080)
    assert capsys.readouterr().err.startswith("python-executor: HOST, PORT: cannot listen on 192.0.2.1")
