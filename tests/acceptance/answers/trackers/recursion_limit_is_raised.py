# source: LiveCodeBench/LiveCodeBench#56, python/cpython#96222
# sandboxes: slot fresh
import sys

sys.setrecursionlimit(6 * 10**5)


def depth(n):
    return 0 if n == 0 else 1 + depth(n - 1)


def main():
    return {"depth": depth(100000)}
