"""The standard library in a jail: every module that the interpreter outside can import, except the table."""

import json
import subprocess
import sys

from jobs.job import Job
from jobs.limits import Limits
from sandbox.jail.sandbox import NsjailSandbox
from tests.support.scripts import run_script
from validation.left_out import LEFT_OUT

#: The names to import: `antigravity` opens a browser, and `idlelib` is a package of programs.
_NAMES = sorted((sys.stdlib_module_names | LEFT_OUT.keys()) - {"antigravity"})

#: Imports each module in a child of its own and prints the names of those that fail.
_FAILING = """
import importlib, json, os, sys
def fails(name):
    if (pid := os.fork()) == 0:
        os.close(1)
        try:
            importlib.import_module(name)
        except BaseException:
            os._exit(1)
        os._exit(0)
    return os.waitpid(pid, 0)[1] != 0
print(json.dumps([name for name in json.loads(sys.argv[1]) if fails(name)]))
"""

_SCRIPT = """
import json, subprocess, sys
def main(program, names):
    ran = subprocess.run([sys.executable, "-c", program, json.dumps(names)], capture_output=True, text=True)
    return {"failing": json.loads(ran.stdout)}
"""


def test_jail_lacks_only_the_modules_of_the_table(sandbox: NsjailSandbox) -> None:
    command = [sys.executable, "-I", "-c", _FAILING, json.dumps(_NAMES)]
    outside = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
    inputs = {"program": _FAILING, "names": _NAMES}
    outcome = sandbox.run(Job(_SCRIPT, inputs, limits=Limits(timeout=30, cpu=30)))
    assert outcome.result is not None, outcome.error
    assert set(outcome.result["failing"]) == set(json.loads(outside)) | LEFT_OUT.keys()


def test_help_shows_the_topics_of_python(sandbox: NsjailSandbox) -> None:
    outcome = run_script(
        sandbox,
        """
        import pydoc
        def main():
            pydoc.help("if")
            return {}
        """,
    )
    assert outcome.stdout.startswith('The "if" statement')


def test_thread_ends_without_a_message_when_the_interpreter_of_a_child_has_ended(
    sandbox: NsjailSandbox,
) -> None:
    outcome = run_script(
        sandbox,
        '''
        import subprocess, sys
        CHILD = """
        import threading, time
        threading.Thread(target=lambda: [time.sleep(0.0001) for _ in iter(int, 1)], daemon=True).start()
        """
        def main():
            import textwrap
            ran = [subprocess.run([sys.executable, "-c", textwrap.dedent(CHILD)], capture_output=True, text=True)
                   for _ in range(5)]
            return {"ends": sorted({(r.returncode, r.stderr) for r in ran})}
        ''',
    )
    assert outcome.result == {"ends": [[0, ""]]}
