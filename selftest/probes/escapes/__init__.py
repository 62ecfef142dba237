"""Escapes from a Python that is guarded in Python."""
