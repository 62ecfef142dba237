# source: NVIDIA-NeMo/Skills#236, sio2project/sinol-make#103, Kattis/problemtools#37
# note: solutions of contests begin with these lines, so that deep recursion works
# sandboxes: slot fresh
import resource
import sys

resource.setrlimit(resource.RLIMIT_STACK, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
sys.setrecursionlimit(10**6)


def depth(n):
    return 0 if n == 0 else 1 + depth(n - 1)


def main():
    return {"depth": depth(50000)}
