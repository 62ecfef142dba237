# mode: "program"
# sandboxes: slot fresh
import importlib

script = importlib.import_module("script")

print(__name__, script.__name__, "script" in dir())
