# source: davidhalter/jedi#776, mhammond/pywin32#283
# sandboxes: slot fresh
import pydoc


def main():
    pydoc.help("if")
    return {}
