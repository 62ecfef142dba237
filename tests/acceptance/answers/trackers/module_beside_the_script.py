# source: elyra-ai/elyra#42, chaquo/chaquopy#1219
# sandboxes: slot fresh
import os
import sys


def main():
    os.mkdir("package")
    with open("package/__init__.py", "w") as file:
        file.write("from .part import answer\n")
    with open("package/part.py", "w") as file:
        file.write("def answer():\n    return __name__\n")
    sys.path_importer_cache.clear()
    package = __import__("package")
    return {"answer": package.answer(), "first": sys.path[0] == os.path.dirname(os.path.abspath(__file__))}
