# sandboxes: slot fresh
import subprocess
import sys


def main():
    code = "import sys; print(sys.stdin.read().upper()); print('err', file=sys.stderr); sys.exit(3)"
    done = subprocess.run([sys.executable, "-c", code], input="abc", capture_output=True, text=True)
    with subprocess.Popen([sys.executable, "-c", "print(input())"], stdin=-1, stdout=-1, text=True) as child:
        out, _ = child.communicate("line\n")
    try:
        subprocess.run([sys.executable, "-c", "import time; time.sleep(9)"], timeout=0.2)
    except subprocess.TimeoutExpired as error:
        late = type(error).__name__
    try:
        subprocess.run(["no-such-program"])
    except FileNotFoundError as error:
        missing = str(error)
    return {"out": done.stdout, "err": done.stderr, "code": done.returncode, "popen": out, "late": late, "missing": missing}
