# source: GoogleContainerTools/distroless#150, docker-library/python#111, pypy/pypy#1351
# sandboxes: slot fresh
import ctypes
import ctypes.util


def main():
    libc = ctypes.CDLL(ctypes.util.find_library("c"))
    return {"name": ctypes.util.find_library("c"), "absolute": libc.abs(-3)}
