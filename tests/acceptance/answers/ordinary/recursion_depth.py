# sandboxes: slot fresh
import sys


def depth(n):
    try:
        return depth(n + 1)
    except RecursionError:
        return n


def main():
    # How far it goes depends on the frames around main, by a few.
    return {"limit": sys.getrecursionlimit(), "near": 960 < depth(0) < 1000}
