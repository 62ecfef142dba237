"""Scripts in mode `program`: they run from top to bottom, as `python script.py` would run them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jobs.limits import ARGV_BYTES, ARGV_STRINGS, Limits
from jobs.mode import Mode
from jobs.outcome import ErrorType, Outcome
from sandbox.jail.sandbox import NsjailSandbox
from sandbox.protocol import Sandbox
from sandbox.restricted.sandbox import RestrictedSandbox
from tests.support.scripts import run_script

#: Programs that need no file, process or thread, so that every sandbox can run them.
_ANYWHERE = {
    "end": "print('a', end='')",
    "empty": "",
    "guard": "def main():\n    print('in main')\n    return 3\nif __name__ == '__main__':\n    main()",
    "main-is-not-called": "def main():\n    print('in main')",
    "exit-0": "import sys\nprint('a')\nsys.exit(0)\nprint('b')",
    "exit-none": "import sys\nsys.exit()",
    "exit-3": "import sys\nsys.exit(3)",
    "exit-256": "import sys\nsys.exit(256)",
    "exit-minus-1": "import sys\nsys.exit(-1)",
    "exit-text": "import sys\nsys.exit('no input')",
    "raise-system-exit": "raise SystemExit(4)",
    "exception": "def f():\n    return 1 / 0\nf()",
    "arguments": "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('-n', type=int)\n"
    "parser.add_argument('names', nargs='*')\nprint(parser.parse_args())",
    "wrong-arguments": "import argparse\nargparse.ArgumentParser().parse_args()",
    "argv": "import sys\nprint(sys.argv[1:])",
    "stdin": "for line in iter(input, 'end'):\n    print(line.upper())",
}

#: Programs that need what only a jail has.
_IN_A_JAIL = {
    "os-exit-0": "import os\nos._exit(0)",
    "os-exit-5": "import os\nos._exit(5)",
}
_ARGV = ("-n", "3", "é b", "", "--", "-x")
_STDIN = "one\ntwo\nend\n"


def _run(sandbox: Sandbox, script: str, **fields: Any) -> Outcome:
    return run_script(sandbox, script, mode=Mode.PROGRAM, **fields)


def _assert_same(outcome: Outcome, folder: Path, script: str, argv: tuple[str, ...], stdin: str) -> None:
    """Compare an outcome with what the interpreter gives for `python script.py`."""
    (folder / "script.py").write_text(script)
    plain = subprocess.run(
        [sys.executable, "-I", "-X", "utf8", "script.py", *argv],
        cwd=folder,
        capture_output=True,
        check=False,
        input=stdin,
        text=True,
        timeout=60,
    )
    assert outcome.result is None
    assert (outcome.exit_code, outcome.stdout) == (plain.returncode, plain.stdout)
    if plain.returncode == 0:
        assert outcome.error is None
    else:
        raised = plain.stderr.startswith("Traceback")
        assert outcome.error is not None
        assert outcome.error.type is (ErrorType.EXCEPTION if raised else ErrorType.EXIT)
        if raised:
            # A traceback of the interpreter names the whole path of the script.
            assert outcome.error.message == plain.stderr.splitlines()[-1]
            assert outcome.stderr.splitlines()[-1] == outcome.error.message
        else:
            assert outcome.stderr == plain.stderr


def _argv(name: str) -> tuple[str, ...]:
    return _ARGV if "arg" in name else ()


@pytest.mark.parametrize("name", [*_ANYWHERE, *_IN_A_JAIL])
def test_program_gives_what_the_interpreter_gives_in_a_jail(
    sandbox: NsjailSandbox, tmp_path: Path, name: str
) -> None:
    script = (_ANYWHERE | _IN_A_JAIL)[name]
    outcome = _run(sandbox, script, argv=_argv(name), stdin=_STDIN)
    _assert_same(outcome, tmp_path, script, _argv(name), _STDIN)


@pytest.mark.parametrize("name", _ANYWHERE)
def test_program_gives_what_the_interpreter_gives_in_the_restricted_executor(
    restricted: RestrictedSandbox, tmp_path: Path, name: str
) -> None:
    outcome = _run(restricted, _ANYWHERE[name], argv=_argv(name), stdin=_STDIN)
    _assert_same(outcome, tmp_path, _ANYWHERE[name], _argv(name), _STDIN)


def test_program_gets_the_most_arguments_as_they_were_sent(sandbox: NsjailSandbox) -> None:
    size = ARGV_BYTES // ARGV_STRINGS
    argv = tuple("é\n\\\"'"[n % 5] * (size // 2) for n in range(ARGV_STRINGS))
    outcome = _run(sandbox, "import json, sys\nprint(json.dumps([sys.argv[0], sys.argv[1:]]))", argv=argv)
    assert outcome.error is None
    (folder, shown) = json.loads(outcome.stdout)
    assert shown == list(argv)
    assert folder.endswith("script.py")


@pytest.mark.parametrize(
    ("script", "error", "limits"),
    [
        ("while True: pass", ErrorType.TIMEOUT, Limits(timeout=0.5)),
        ("a = bytearray(400 << 20)", ErrorType.MEMORY_LIMIT, Limits()),
        ("import os\nos.kill(os.getpid(), 9)", ErrorType.KILLED, Limits()),
        ("import os\nos.abort()", ErrorType.KILLED, Limits()),
    ],
)
def test_program_has_no_exit_code_when_it_does_not_end_by_itself(
    sandbox: NsjailSandbox, script: str, error: ErrorType, limits: Limits
) -> None:
    outcome = _run(sandbox, f"print('before', flush=True)\n{script}\nprint('after')", limits=limits)
    assert outcome.error is not None
    assert (outcome.error.type, outcome.exit_code, outcome.stdout) == (error, None, "before\n")


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("def main(): return {}", 0),
        ("def main(): return 3", 0),
        ("main = 3", 0),
        ("import sys\ndef main(): sys.exit(0)", 0),
        ("import sys\ndef main(): sys.exit(3)", 3),
        ("import sys\ndef main(): sys.exit('no')", 1),
        ("import os\ndef main(): os._exit(5)", 5),
        ("def main(): return 1 / 0", 1),
        ("import os\ndef main(): os.kill(os.getpid(), 9)", None),
    ],
)
def test_main_gives_the_exit_code_of_the_script(
    sandbox: NsjailSandbox, script: str, code: int | None
) -> None:
    assert run_script(sandbox, script).exit_code == code
