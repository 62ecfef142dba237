# sandboxes: slot fresh
import warnings


def old():
    warnings.warn("use new()", DeprecationWarning, stacklevel=2)


def main():
    old()
    warnings.warn("careful")
    warnings.warn("pending", PendingDeprecationWarning)
    for _ in range(3):
        warnings.warn("once per line")
    return {}
