# source: GoogleContainerTools/distroless#150, docker-library/python#111, pypy/pypy#1351
# note: it asks ldconfig or a compiler, and a jail has neither; None stands for the process, which holds the C library
# sandboxes: slot fresh
# result: {"name": null, "absolute": 3}
import ctypes
import ctypes.util


def main():
    libc = ctypes.CDLL(ctypes.util.find_library("c"))
    return {"name": ctypes.util.find_library("c"), "absolute": libc.abs(-3)}
