# sandboxes: slot fresh
import subprocess
import sys

CODE = "import locale; print(locale.setlocale(locale.LC_ALL, ''), locale.getlocale(), 'é')"


def main():
    return {"out": subprocess.check_output([sys.executable, "-c", CODE], text=True)}
