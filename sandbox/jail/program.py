"""The programs that the interpreter in a jail runs.

sandbox/jail/guest_files.py compiles them when the root is made, with frames that no script sees. A program of
the option `-c` would be a visible frame below every script.
"""

from typing import Final

from sandbox.isolation import Isolation

GUEST: Final = "/guest"

#: The guest of a fresh jail in one file: the names and code of its modules, in the order of their imports.
#: Finding the modules one by one would cost as much time as running them.
FRESH_GUEST: Final = "/guest/fresh"

#: The paths of the programs.
PROGRAM: Final = {isolation: f"{GUEST}/{isolation}.pyc" for isolation in Isolation}

#: The text of each program, by its path.
PROGRAMS: Final = {
    PROGRAM[Isolation.SLOT]: f"""
import sys
sys.path.insert(0, {GUEST!r})
from sandbox.guest.start import slot
sys.path.remove({GUEST!r})
slot(*sys.argv[1:])
""",
    PROGRAM[Isolation.FRESH]: f"""
import marshal, posix, sys, time
try:
    with open({FRESH_GUEST!r}, "rb") as file:
        for name, code in marshal.loads(file.read()):
            module = sys.modules[name] = type(sys)(name)
            exec(code, module.__dict__)
    sys.modules["sandbox.guest.start"].fresh(*sys.argv[2:])
except BaseException:
    # Report and sleep. If this process ended, nsjail would make one jail after another.
    sys.excepthook(*sys.exc_info())
    posix.write(0, b'."gone"')
    while True:
        time.sleep(3600)
""",
}
