# mode: "program"
# sandboxes: slot fresh
import pathlib

pathlib.Path("helper.py").write_text("def f():\n    return 'from helper'\n")
import helper

print(helper.f(), pathlib.Path(helper.__file__).name)
