# mode: "program"
# sandboxes: slot fresh
import os
import subprocess
import sys

file = open("out.txt", "w")
file.write("not closed\n")
child = os.fork()
if child == 0:
    os._exit(0)
os.waitpid(child, 0)
file.flush()
print(subprocess.run([sys.executable, "-c", "print(open('out.txt').read())"], capture_output=True, text=True).stdout)
