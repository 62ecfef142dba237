# source: NVIDIA-NeMo/Skills#236, sio2project/sinol-make#103, Kattis/problemtools#37
# note: solutions of contests begin with such lines, so that deep recursion works; the hard limit stays the service's
# sandboxes: slot fresh
import resource
import sys

hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
resource.setrlimit(resource.RLIMIT_STACK, (min(hard, 1 << 28) if hard > 0 else 1 << 28, hard))
sys.setrecursionlimit(10**6)


def depth(n):
    return 0 if n == 0 else 1 + depth(n - 1)


def main():
    return {"depth": depth(50000)}
