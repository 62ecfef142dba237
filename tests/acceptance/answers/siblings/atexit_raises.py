# sandboxes: slot fresh
import atexit


@atexit.register
def goodbye():
    raise RuntimeError("at exit")


def main():
    return {"ok": True}
