# mode: "program"
# sandboxes: slot fresh
import sys

sys.stdout.buffer.write("é🙂\n".encode())
sys.stdout.buffer.write(b"\xff\xfe\n")
