# mode: "program"
# sandboxes: slot fresh
import faulthandler


def inner():
    faulthandler.dump_traceback()


faulthandler.enable()
inner()
