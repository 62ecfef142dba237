"""System calls by number: the kernel refuses each, whatever a library would do.

Where possible, the arguments make the kernel itself fail with another error than EPERM. Then EPERM shows
that the seccomp filter works, and not only that a capability is missing. No call harms a machine whose
sandbox does not hold.
"""
