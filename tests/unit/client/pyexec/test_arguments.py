"""Wrong arguments are refused before the command sends anything."""

from pathlib import Path

import click
import pytest

from python_executor.execution import Status
from python_executor.pyexec.commands import pyexec
from python_executor.pyexec.jobs import STATUSES


def test_list_knows_every_status_of_a_job() -> None:
    assert set(STATUSES) == set(Status) - {Status.REFUSED}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "which script?"),
        (["missing.py"], "missing.py: No such file or directory"),
        (["."], ".: Is a directory"),
        (["latin.py"], "latin.py: line 2 is not utf-8"),
        (["cookie.py"], "cookie.py: unknown encoding: utf-9"),
        (["-", "--stdin", "-"], "cannot both come from standard input"),
        (["-c", "1", "--input", "n"], "--input n: must be NAME=VALUE"),
        (["-c", "1", "--mode", "program", "--input", "n=1"], "a program has no inputs"),
        (["-c", "1", "--mode", "main", "a"], "only a program has arguments"),
        (["-c", "1", "--file", "/dev/zero"], "larger than 8 MB"),
        (["-c", "1", "--stdin", "/dev/zero"], "larger than 1 MB"),
        (["-c", "1", "\udcff"], "is not UTF-8"),
        (["-c", "1", "--output", "latin.py"], "is a file"),
        (["-c", "1", "--timeout", "0"], "0.0 is not in the range x>0"),
        (["-c", "1", "--url", "ftp://a"], "must be http://HOST"),
        (["-c", "1", "--key", "a b"], "must be printable ASCII without spaces"),
    ],
)
def test_run_refuses_wrong_arguments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("latin.py").write_bytes(b"\n'\xe9'\n")
    Path("cookie.py").write_bytes(b"# coding: utf-9\n")
    with pytest.raises(click.ClickException) as refused:
        pyexec.main(["run", *arguments], standalone_mode=False)
    assert message in refused.value.format_message()
    assert refused.value.exit_code == 2
