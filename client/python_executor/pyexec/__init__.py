"""The command `pyexec`."""
