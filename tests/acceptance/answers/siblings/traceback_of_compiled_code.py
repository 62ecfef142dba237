# sandboxes: slot fresh
import linecache
import traceback

CELL = "def g(x):\n    return [][x]\n"
linecache.cache["<cell>"] = (len(CELL), None, CELL.splitlines(True), "<cell>")
space = {}
exec(compile(CELL, "<cell>", "exec"), space)


def main():
    try:
        space["g"](3)
    except IndexError:
        traceback.print_exc()
    return {}
