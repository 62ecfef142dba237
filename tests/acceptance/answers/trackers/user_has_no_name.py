# source: cms-dev/isolate#25, hzxie/voj#134
# note: a jail has no /etc, so its user has a number and a home, and no name
# sandboxes: slot fresh
# result: {"name": "KeyError", "user": true, "home": true, "expanded": true}
import getpass
import os
import pathlib
import pwd


def fault(call):
    try:
        return call()
    except Exception as error:
        return type(error).__name__


def main():
    return {
        "name": fault(lambda: pwd.getpwuid(os.getuid()).pw_name),
        # OSError since Python 3.13.
        "user": fault(getpass.getuser) in ("KeyError", "OSError"),
        "home": os.path.isdir(pathlib.Path.home()),
        "expanded": os.path.expanduser("~") == str(pathlib.Path.home()),
    }
