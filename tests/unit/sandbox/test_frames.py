"""Hidden frames."""

import pytest

from sandbox.guest.frames import compile_hidden


def test_super_without_arguments_is_refused_in_hidden_code() -> None:
    source = "class Child(dict):\n    def clear(self): super().clear()\n"
    with pytest.raises(ValueError, match=r"Child\.clear is hidden, and calls super without arguments"):
        compile_hidden(source, "child.py", called=False)
