"""The rule on the syntax tree of a script for the restricted executor."""

import ast
from collections.abc import Iterator

from validation.errors import Rejection
from validation.restricted.policy import GUARDED, MODULES, OWN_PATTERNS, permitted
from validation.rules import imported_modules

_IMPORTABLE = frozenset(MODULES)


def check_restricted(tree: ast.Module) -> None:
    """Raise `Rejection` (forbidden_import, forbidden_syntax) for the first node that breaks the rule."""
    faults = [fault for node in ast.walk(tree) for fault in _faults(node)]
    if faults:
        raise min(faults, key=lambda fault: (fault.line or 0, fault.column or 0))


def _faults(node: ast.AST) -> Iterator[Rejection]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        for module in _modules(node):
            if module not in _IMPORTABLE:
                message = f"the restricted executor does not have the module {module}"
                yield _rejection("forbidden_import", message, node, module)
    if isinstance(node, ast.MatchClass):
        yield from _pattern_faults(node)
    for name in _names(node):
        if not permitted(name):
            yield _rejection("forbidden_syntax", f"the name {name} cannot be used", node, name)


def _pattern_faults(node: ast.MatchClass) -> Iterator[Rejection]:
    """Yield the faults of a class pattern.

    A class pattern reads attributes: those it names, and by position those in `__match_args__` at run time.
    """
    if node.patterns and not (isinstance(node.cls, ast.Name) and node.cls.id in OWN_PATTERNS):
        message = "a class pattern must name its attributes, as in Point(x=1)"
        yield _rejection("forbidden_syntax", message, node, ast.unparse(node.cls)[:100])
    for name in GUARDED & set(node.kwd_attrs):
        yield _rejection("forbidden_syntax", f"the name {name} cannot be used in a pattern", node, name)


def _modules(node: ast.Import | ast.ImportFrom) -> list[str]:
    # `from urllib import parse` names the module urllib.parse.
    if isinstance(node, ast.ImportFrom) and node.module == "urllib":
        return [f"urllib.{alias.name}" for alias in node.names]
    return imported_modules(node)


def _names(node: ast.AST) -> list[str]:
    """Return every name that a node itself reads, binds or accesses as an attribute."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
            return [name]
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return [name]
        case ast.alias(name=name, asname=asname):
            return [part for part in [*name.split("."), asname] if part and part != "__future__"]
        case (
            ast.keyword(arg=name)
            | ast.MatchAs(name=name)
            | ast.MatchStar(name=name)
            | ast.ExceptHandler(name=name)
        ):
            return [name] if name else []
        case ast.MatchMapping(rest=name):
            return [name] if name else []
        case ast.MatchClass(kwd_attrs=names) | ast.Global(names=names) | ast.Nonlocal(names=names):
            return list(names)
    return []


def _rejection(kind: str, message: str, node: ast.AST, name: str) -> Rejection:
    line, column = getattr(node, "lineno", None), getattr(node, "col_offset", None)
    return Rejection(kind, message, line, None if column is None else column + 1, name)
