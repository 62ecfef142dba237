# sandboxes: slot fresh
import sys
import threading

threading.excepthook = lambda args: print("thread hook", args.exc_type.__name__, args.thread.name)
sys.unraisablehook = lambda args: print("unraisable hook", args.exc_type.__name__)


class Bad:
    def __del__(self):
        raise OSError


def main():
    thread = threading.Thread(target=lambda: 1 / 0, name="T")
    thread.start()
    thread.join()
    Bad()
    return {}
