# sandboxes: slot fresh
import atexit

atexit.register(print, "cleaned up")


def main():
    raise ValueError("failed")
