# mode: "program"
# sandboxes: slot fresh
import ctypes

ctypes.CDLL(None).printf(b"%d bottles\n", 99)
