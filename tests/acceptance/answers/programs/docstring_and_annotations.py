# mode: "program"
# sandboxes: slot fresh
"""The program's docstring."""
from __future__ import annotations

n: int = 3
print(__doc__, __annotations__)
