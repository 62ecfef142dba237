"""The guest of the restricted executor: a guarded language and the kernel's lock-down. Jails have no copy."""
