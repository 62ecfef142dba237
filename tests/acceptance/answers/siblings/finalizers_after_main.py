# sandboxes: slot fresh
import atexit
import weakref


class Resource:
    def __del__(self):
        print("deleted")


class Other:
    pass


kept, other = Resource(), Other()
weakref.finalize(other, print, "finalized")
atexit.register(print, "atexit 1")
atexit.register(print, "atexit 2")


def main():
    print("main")
    return {}
