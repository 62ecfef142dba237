"""The block `if __name__ == "__main__":` of a script whose `main` the service calls itself."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from typing import Any, Final

#: A script without this text has no such block, and need not be parsed to a tree.
MAIN: Final = "__main__"

_ONLY_AST: Final = 0x400


def parse(script: str, filename: str) -> ast.Module:
    """Parse a script to a tree. Unlike ast.parse, it imports nothing."""
    tree: Any = compile(script, filename, "exec", _ONLY_AST, dont_inherit=True)
    return tree  # type: ignore[no-any-return]


def skip(tree: ast.Module) -> None:
    """Make the test of each such block at the top level false. An `else` then runs."""
    import _ast

    for statement in tree.body:
        if isinstance(statement, _ast.If) and _is_test(statement.test):
            false = _ast.Constant(False)
            for place in _ast.If._attributes:
                setattr(false, place, getattr(statement.test, place))
            statement.test = false


def _is_test(test: ast.expr) -> bool:
    """Return whether `test` is `__name__ == "__main__"`, in either order."""
    import _ast

    if not (isinstance(test, _ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], _ast.Eq)):
        return False
    sides = (test.left, test.comparators[0])
    return any(isinstance(side, _ast.Name) and side.id == "__name__" for side in sides) and any(
        isinstance(side, _ast.Constant) and side.value == MAIN for side in sides
    )
