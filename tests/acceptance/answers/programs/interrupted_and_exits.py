# mode: "program"
# sandboxes: slot fresh
import os
import signal
import sys
import time

count = 0
try:
    while True:
        count += 1
        print("tick", count)
        if count == 3:
            os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0)
except KeyboardInterrupt:
    print("Interrupted by the user", file=sys.stderr)
    sys.exit(130)
finally:
    print("cleaning up")
