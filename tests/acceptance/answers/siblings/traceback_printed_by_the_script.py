# sandboxes: slot fresh
import traceback


def main():
    try:
        exec("def f():\n    raise LookupError('in exec')\nf()")
    except LookupError:
        print(traceback.format_exc().count("<string>"))
    return {}
