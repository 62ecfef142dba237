# mode: "program"
# sandboxes: slot fresh
# note: the interpreter's C code shows the frames below the script too
# status_code: 200
# stderr has: ["Current thread 0x", "  File \"script.py\", line 10 in inner\n  File \"script.py\", line 14 in <module>\n"]
import faulthandler


def inner():
    faulthandler.dump_traceback()


faulthandler.enable()
inner()
