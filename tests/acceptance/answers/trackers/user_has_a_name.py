# source: cms-dev/isolate#25, hzxie/voj#134
# note: programs ask for the name of their user to label logs and to expand "~"
# sandboxes: slot fresh
import getpass
import grp
import os
import pathlib
import pwd


def main():
    user = pwd.getpwuid(os.getuid())
    return {
        "same": getpass.getuser() == user.pw_name,
        "home": os.path.isdir(user.pw_dir),
        "group": bool(grp.getgrgid(os.getgid()).gr_name),
        "owner": pathlib.Path(__file__).owner() != "",
        "expanded": os.path.expanduser("~") == str(pathlib.Path.home()),
    }
