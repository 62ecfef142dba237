"""Other ways into the kernel: old, new, 32-bit and unassigned calls."""

from typing import Final

from selftest.checks import any_of, returns, returns_only
from selftest.probe import Probe, job
from selftest.probes.syscalls.family import CLONE_NEWUSER, Family, call, common_call

#: The bit that marks the number of a call of the x32 interface.
_X32: Final = 0x4000_0000

#: Calls getpid by the interface for 32-bit programs (mov eax, 20; int 0x80; ret). It does so in a child,
#: because the filter may answer with a kill.
_INT_0X80_SCRIPT: Final = """
    import ctypes, mmap, os
    def main():
        code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        code.write(b"\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3")
        call = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
        pid = os.fork()
        if pid == 0:
            os._exit(1 if call() == os.getpid() else 2)
        status = os.waitpid(pid, 0)[1]
        answer = "stopped" if os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 2 else "through"
        return {"answer": answer}
    """

FAMILIES: Final = (
    Family(
        "legacy-x86-calls-are-refused",
        "call iopl, ioperm, modify_ldt, uselib, ustat, sysfs",
        (
            call("iopl", 172, None, 4),
            call("ioperm", 173, None, 0, 1, 0),
            call("modify_ldt", 154, None, 0, [16], 16),
            call("uselib", 134, None, "/no"),
            call("ustat", 136, None, 0, [32]),
            call("sysfs", 139, None, 3),
        ),
    ),
    Family(
        "unassigned-calls-are-refused",
        "call numbers that Linux has not assigned",
        tuple(
            common_call(str(number), number) for number in (470, 480, 500, 511, 600, 999, 4096, 0x3FFF_FFFF)
        ),
    ),
    Family(
        "clone3-is-unknown",
        "call clone3, whose flags no filter can read",
        (common_call("clone3", 435, [88], 88),),
        "ENOSYS, so that libraries fall back to clone",
        returns_only("ENOSYS"),
    ),
    Family(
        "x32-calls-are-refused",
        "call getpid, socket, unshare and others by x32 numbers",
        (
            call("getpid", _X32 | 39, None),
            call("socket", _X32 | 41, None, 2, 1, 0),
            call("unshare", _X32 | 272, None, CLONE_NEWUSER),
            call("netlink-sockets", _X32 | 41, None, 16, 3, 4),
            call("shmget", _X32 | 29, None, 4242, 4096, 0o1600),
            call("msgget", _X32 | 68, None, 4242, 0o1600),
            call("mq_open", _X32 | 240, None, "name", 0o102, 0o600, 0),
            call("sethostname", _X32 | 170, None, "name", 4),
            call("ptrace", _X32 | 521, None, 0, 0, 0, 0),
            call("execve", _X32 | 520, None, "/no", 0, 0),
        ),
        "EPERM or ENOSYS for each",
        any_of(returns_only("EPERM"), returns_only("ENOSYS")),
    ),
)

INT_0X80: Final = Probe(
    "syscalls",
    "int-0x80-is-refused",
    "call getpid through int 0x80",
    "killed or refused",
    (job(_INT_0X80_SCRIPT),),
    returns({"answer": "stopped"}),
)
