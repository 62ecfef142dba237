"""System calls by number, without a library: the kernel refuses each.

Where possible, the arguments make the kernel itself fail with another error than EPERM. Then EPERM shows
that the seccomp filter works, and not only that a capability is missing. No call harms the machine, even
without a sandbox.
"""
