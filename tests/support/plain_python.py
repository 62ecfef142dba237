"""What plain Python answers to a script: `python3 script.py` in a folder of its own.

A script with packages gets them as its interpreter's own: the folder with the packages is its `site-packages`.
"""

import atexit
import functools
import json
import re
import shutil
import subprocess
import tempfile
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sandbox.packages import Packages
from tests.support.answer_cases import Case

#: Calls `main` as the service does. It is added behind the script, so that all lines keep their numbers. The
#: result goes to a file.
_CALL: Final = """
if __name__ == "__main__":
    __returned = main(**__import__("json").loads({inputs!r}))
    if __import__("inspect").iscoroutine(__returned):
        __returned = __import__("asyncio").run(__returned)
    __import__("builtins").open({result!r}, "w").write(__import__("json").dumps(__returned))
"""

#: The folder of the standard library in the path of one of its files.
_LIBRARY: Final = re.compile(r'/[^"\s]*/python3\.\d+/(?=[\w/-]+\.py)')

_ADDRESS: Final = re.compile(r"\b0x[0-9a-f]{9,}")

#: The beginning of a traceback that is not the second part of another one.
_TRACEBACK: Final = re.compile(r"(?<!:\n\n)^Traceback \(most recent call last\):\n", re.MULTILINE)


@dataclass(frozen=True)
class PlainAnswer:
    """What plain Python gave.

    Attributes:
        result: What `main` returned, None if it raised an exception or the script is a program.
        stdout: The standard output.
        stderr: The standard error, without the traceback of an exception that left `main`.
        exit_code: The exit code.
        traceback: The traceback of an exception that left `main`.
    """

    result: Any
    stdout: str
    stderr: str
    exit_code: int
    traceback: str | None


@functools.cache
def _python(packages: Path | None) -> Path:
    """Return an interpreter that has the packages in this folder only."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    venv.create(folder, symlinks=True)
    if packages:
        [own] = folder.glob("lib/python*/site-packages")
        own.rmdir()
        own.symlink_to(packages)
    return folder / "bin/python"


def run_plain_python(case: Case, packages: Packages | None = None) -> PlainAnswer:
    """Run the script of a case with the interpreter of the tests.

    Args:
        case: The case.
        packages: The packages that the script can import, None for none; their variables are set too.
    """
    python = _python(packages.folder if packages else None)
    variables = dict(packages.variables) if packages else {}
    with tempfile.TemporaryDirectory() as folder:
        script, result = Path(folder) / "script.py", Path(folder) / "result"
        call = _CALL.format(inputs=json.dumps(case.request.get("inputs", {})), result=str(result))
        script.write_bytes((case.script + ("" if case.is_program else call)).encode())
        done = subprocess.run(
            # A shell lets its background commands ignore SIGINT, and so would the script.
            ["env", "--default-signal=INT", python, script, *case.request.get("argv", ())],
            input=case.request.get("stdin", "").encode(),
            capture_output=True,
            check=False,
            cwd=folder,
            env={"LANG": "C.UTF-8", "HOME": folder, "PATH": "/usr/bin", **variables},
            timeout=60,
        )
        returned = json.loads(result.read_text()) if result.exists() else None
    stderr = without_paths(done.stderr.decode(errors="replace"), folder)
    traceback = None
    if not case.is_program:
        # The service calls `main` itself, so no stack of the script shows the call.
        line = case.script.count("\n") + 3
        stderr = re.sub(rf'  File "script.py", line {line}, in <module>\n(?:    .*\n)+', "", stderr)
        if done.returncode == 1 and (found := list(_TRACEBACK.finditer(stderr))):
            stderr, traceback = stderr[: found[-1].start()], stderr[found[-1].start() :]
    stdout = without_paths(done.stdout.decode(errors="replace"), folder)
    return PlainAnswer(returned, stdout, stderr, done.returncode, traceback)


def without_paths(text: str, folder: str = "/tmp") -> str:
    """Return a text with plain names of the files in its tracebacks, and without addresses of objects."""
    return _ADDRESS.sub("0x0", _LIBRARY.sub("", text.replace(f"{folder}/script.py", "script.py")))
