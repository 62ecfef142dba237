# mode: "program"
# sandboxes: slot fresh
import script

print(__name__, script.__name__, "script" in dir())
