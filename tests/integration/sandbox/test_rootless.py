"""A worker that is root in a user namespace with few ids, as in a rootless container."""

import os
import subprocess
import sys
from typing import Final

import pytest

from tests.support.need import need

#: Enters a user namespace with the usual ids of a rootless container, then executes the command.
ENTER: Final = """
import os, sys
from sandbox.guest import kernel
(is_in, enters), (is_mapped, maps) = os.pipe(), os.pipe()
child = os.fork()
if not child:
    kernel.unshare(kernel.NEW_USER)
    os.write(enters, b"x")
    os.read(is_mapped, 1)
    os.execv(sys.argv[1], sys.argv[1:])
os.read(is_in, 1)
for kind in ("uid", "gid"):
    with open(f"/proc/{child}/{kind}_map", "w") as file:
        file.write("0 0 65536")
os.write(maps, b"x")
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.usefixtures("nsjail")
def test_a_jail_works_when_the_worker_is_root_with_65536_ids() -> None:
    if os.geteuid():
        need("only root may map 65,536 ids")
    selftest = ("-m", "sandbox", "selftest", "--sandbox", "nsjail", "--only", "ordinary-job-succeeds")
    ran = subprocess.run(
        [sys.executable, "-c", ENTER, sys.executable, *selftest],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
