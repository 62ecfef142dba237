# mode: "program"
# sandboxes: slot fresh
import importlib
import pathlib

pathlib.Path("helper.py").write_text("def f():\n    return 'from helper'\n")
helper = importlib.import_module("helper")

print(helper.f(), pathlib.Path(helper.__file__).name)
