"""What a script must define and may import, told from its syntax tree."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from validation.rejection import Rejection
from validation.restricted.rules import check_restricted
from validation.syntax import character, check_compiles

_LEAVES: Final = (ast.Name, ast.Constant, ast.expr_context, ast.operator, ast.unaryop, ast.cmpop, ast.boolop)


@dataclass(frozen=True, slots=True)
class Survey:
    """A syntax tree and what one walk over it finds.

    depth: its levels; names, constants and operators are none, each further item of a `with` is one.
    finallys: its `finally` blocks.
    imports: its import statements, wherever they are.
    """

    tree: ast.Module
    depth: int
    finallys: int
    imports: list[ast.Import | ast.ImportFrom]


def survey(tree: ast.Module) -> Survey:
    """Walk over the tree once, level by level: no recursion, whatever its depth."""
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
        # A list may hold None or names, too.
        level = [node for node in below if isinstance(node, ast.AST) and not isinstance(node, _LEAVES)]
    return Survey(tree, depth, finallys, imports)


def check(script: str, found: Survey, restricted: bool) -> None:
    """Raise `Rejection` unless the script compiles, binds `main` and imports only the standard library."""
    check_compiles(script, found.tree)
    _check_imports(script, found.imports)
    if not any(_binds_main(node) for node in _own_scope(found.tree)):
        raise Rejection("missing_main", "the script does not define main at its top level")
    if restricted:
        check_restricted(found.tree)


def _check_imports(script: str, imports: list[ast.Import | ast.ImportFrom]) -> None:
    for node in sorted(imports, key=lambda node: (node.lineno, node.col_offset)):
        for name in _modules(node):
            if name.startswith("."):
                message = "a relative import needs a package, and a script is in none"
            elif name.partition(".")[0] not in sys.stdlib_module_names:
                message = f"only the standard library can be imported, not {name}"
            else:
                continue
            column = character(script, node.lineno, node.col_offset)
            raise Rejection("forbidden_import", message, node.lineno, column, name)


def _modules(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return ["." * node.level + (node.module or "")]


def _own_scope(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield the nodes that may bind a name of the module, outer ones first."""
    level: list[ast.AST] = [tree]
    while level:
        below: list[ast.AST] = []
        for node in level:
            yield node
            match node:
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.Lambda():
                    pass
                case ast.AnnAssign(value=None):
                    pass
                case ast.comprehension():
                    below += [node.iter, *node.ifs]
                case _:
                    below += ast.iter_child_nodes(node)
        level = below


def _binds_main(node: ast.AST) -> bool:
    match node:
        case ast.Name(id="main", ctx=ast.Store()):
            return True
        case (
            ast.FunctionDef(name=name)
            | ast.AsyncFunctionDef(name=name)
            | ast.ClassDef(name=name)
            | ast.MatchAs(name=name)
            | ast.MatchStar(name=name)
            | ast.MatchMapping(rest=name)
        ):
            return name == "main"
        case ast.alias():
            return (node.asname or node.name.partition(".")[0]) == "main"
    return False
