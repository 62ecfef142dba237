# sandboxes: slot fresh
import sys
import threading

sys.setrecursionlimit(10**6)
threading.stack_size(64 * 1024 * 1024)
found = []


def depth(n):
    return 0 if n == 0 else 1 + depth(n - 1)


def main():
    thread = threading.Thread(target=lambda: found.append(depth(50000)))
    thread.start()
    thread.join()
    return {"depth": found}
