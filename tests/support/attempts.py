"""Attempts of an unguarded script that the kernel alone must deny."""

import platform
from typing import Final

_BPF, _USERFAULTFD = {"x86_64": (321, 323), "aarch64": (280, 282)}[platform.machine()]
_IO_URING_SETUP: Final = 425

ATTEMPTS: Final = (
    "open('/etc/passwd')",
    "open('/tmp/new', 'w')",
    "os.open('.', os.O_RDONLY)",
    "os.listdir('/')",
    "os.stat('/etc')",
    "os.mkdir('/tmp/new')",
    "os.memfd_create('m')",
    "os.pipe()",
    "os.dup(1)",
    "socket.socket()",
    "socket.socket(socket.AF_UNIX)",
    "socket.socketpair()",
    "os.fork()",
    "os.posix_spawn('/bin/true', ['true'], {})",
    "os.execv('/bin/true', ['true'])",
    "subprocess.run(['true'])",
    "threading.Thread(target=print).start()",
    "os.kill(os.getppid(), 0)",
    "os.kill(1, 0)",
    "os.kill(-1, 0)",
    "os.kill(0, 0)",
    "os.setuid(0)",
    "os.chroot('/')",
    "os.nice(-5)",
    "os.sched_setaffinity(0, {0})",
    "checked(libc.prlimit(os.getppid(), 7, None, None))",
    "checked(libc.setrlimit(7, (ctypes.c_uint64 * 2)(3, 3)))",
    "checked(libc.ptrace(16, os.getppid(), 0, 0))",
    "checked(libc.mount(b'none', b'/', None, 0, None))",
    "checked(libc.unshare(0x10000000))",
    "checked(libc.prctl(15, b'name', 0, 0, 0))",
    f"checked(libc.syscall({_IO_URING_SETUP}, 8, 0))",
    f"checked(libc.syscall({_BPF}, 0, 0, 0))",
    f"checked(libc.syscall({_USERFAULTFD}, 0))",
    "checked(libc.process_vm_readv(os.getppid(), None, 0, None, 0, 0))",
    "mmap.mmap(-1, 4096, prot=7)",
    "socket.socket(fileno=3).sendmsg([b'x'], [(1, 1, b'\\0\\0\\0\\0')])",
)

#: The errors of a denied attempt. Any other error would not prove that the kernel denied it.
REFUSALS: Final = ("PermissionError", "RuntimeError", "BlockingIOError")


def attempting(attempt: str) -> str:
    """Return a script whose result is the name of the error that the attempt raised, or null."""
    return f"""
import ctypes, os, mmap, resource, signal, socket, subprocess, threading
libc = ctypes.CDLL(None, use_errno=True)
def checked(answer):
    if answer == -1: raise OSError(ctypes.get_errno(), "refused")
def main():
    try: {attempt}
    except (OSError, RuntimeError, AttributeError) as error: return {{"refused": type(error).__name__}}
    return {{"refused": None}}
"""
