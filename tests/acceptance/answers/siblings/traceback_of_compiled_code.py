# sandboxes: slot fresh
import linecache

CELL = "def g(x):\n    return [][x]\n"
linecache.cache["<cell>"] = (len(CELL), None, CELL.splitlines(True), "<cell>")
space = {}
exec(compile(CELL, "<cell>", "exec"), space)


def main():
    return {"v": space["g"](3)}
