# mode: "program"
# sandboxes: slot fresh
import subprocess
import sys

if len(sys.argv) == 1:
    done = subprocess.run([sys.executable, __file__, "child"], capture_output=True, text=True)
    print("parent got", done.stdout.strip(), done.returncode)
else:
    print("child", sys.argv[1:])
    sys.exit(3)
