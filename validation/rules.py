"""The rules for every script: it binds `main` and imports only the standard library."""

import ast
import sys
from collections.abc import Callable, Iterator

from validation.errors import Rejection
from validation.survey import Survey
from validation.syntax import check_compiles, to_character_column

#: A rule on a syntax tree: raises Rejection for the first node that breaks it.
Rule = Callable[[ast.Module], None]


def check(script: str, surveyed: Survey, extra_rule: Rule | None = None, *, needs_main: bool = True) -> None:
    """Apply the rules for every script, then `extra_rule`.

    Args:
        script: The source text.
        surveyed: Its syntax tree.
        extra_rule: A rule to apply after those.
        needs_main: Whether the service calls the script's `main`.

    Raises:
        Rejection: The script breaks a rule.
    """
    check_compiles(script, surveyed.tree)
    _check_imports(script, surveyed.imports)
    if needs_main and not any(_binds_main(node) for node in _module_scope(surveyed.tree)):
        raise Rejection("missing_main", "the script does not define main at its top level")
    if extra_rule:
        extra_rule(surveyed.tree)


def imported_modules(node: ast.Import | ast.ImportFrom) -> list[str]:
    """Return the modules that an import statement names, relative ones with their leading dots."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return ["." * node.level + (node.module or "")]


def _check_imports(script: str, imports: list[ast.Import | ast.ImportFrom]) -> None:
    for node in sorted(imports, key=lambda node: (node.lineno, node.col_offset)):
        for name in imported_modules(node):
            if name.startswith("."):
                message = "a relative import needs a package, and a script is in none"
            elif name.partition(".")[0] not in sys.stdlib_module_names:
                message = f"only the standard library can be imported, not {name}"
            else:
                continue
            column = to_character_column(script, node.lineno, node.col_offset)
            raise Rejection("forbidden_import", message, node.lineno, column, name)


def _module_scope(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield the nodes that may bind a name in the module's own scope, outer nodes first."""
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
