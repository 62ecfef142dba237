# mode: "program"
# sandboxes: slot fresh
import io
import sys

sys.stdout = io.TextIOWrapper(sys.stdout.buffer, encoding="latin-1", errors="replace", newline="\r\n")
print("caf\N{LATIN SMALL LETTER E} \u0151")
print(sys.stdout.encoding)
