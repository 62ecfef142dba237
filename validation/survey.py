"""One walk over a syntax tree."""

import ast
from dataclasses import dataclass
from typing import Final

_LEAVES: Final = (ast.Name, ast.Constant, ast.expr_context, ast.operator, ast.unaryop, ast.cmpop, ast.boolop)


@dataclass(frozen=True, slots=True)
class Survey:
    """A syntax tree and its measurements.

    Attributes:
        tree: The syntax tree.
        depth: The number of its levels. Names, constants and operators add no level. Each item of a `with`
            after the first adds one.
        finallys: The number of its `finally` blocks.
        imports: All its import statements.
    """

    tree: ast.Module
    depth: int
    finallys: int
    imports: list[ast.Import | ast.ImportFrom]


def survey(tree: ast.Module) -> Survey:
    """Walk over the tree level by level. Without recursion, so that the depth has no limit."""
    depth = finallys = 0
    imports: list[ast.Import | ast.ImportFrom] = []
    level: list[ast.AST] = [tree]
    while level:
        depth += 1
        below: list[ast.AST] = []
        for node in level:
            if isinstance(node, ast.Import | ast.ImportFrom):
                imports.append(node)
            for field in node._fields:
                value = getattr(node, field, None)
                if value.__class__ is list:
                    below += value
                    if field == "finalbody" and value:
                        finallys += 1
                    elif field == "items":
                        depth += len(value) - 1
                elif isinstance(value, ast.AST):
                    below.append(value)
        # A list may also hold None or names.
        level = [node for node in below if isinstance(node, ast.AST) and not isinstance(node, _LEAVES)]
    return Survey(tree, depth, finallys, imports)
