"""The rule on the syntax tree of a script for the restricted executor."""

import ast
from collections.abc import Iterator

from validation.errors import Rejection
from validation.imports import required_imports
from validation.restricted.bindings import Bindings
from validation.restricted.builtins import DENIED_BUILTINS
from validation.restricted.modules import PERMITTED, reason_left_out
from validation.restricted.policy import permitted


def check_restricted(tree: ast.Module | ast.Expression, *, imports: bool = True) -> None:
    """Raise `Rejection` (forbidden_import, forbidden_syntax) for the first node that breaks the rule.

    Args:
        tree: The syntax tree of a script, or of a text that a script runs.
        imports: Whether to refuse import statements. Otherwise they raise ImportError when they run.
    """
    bindings = Bindings(tree)
    required = required_imports(tree) if imports and isinstance(tree, ast.Module) else ()
    faults = [fault for node in required for fault in _import_faults(node)]
    faults += [fault for node in ast.walk(tree) for fault in _faults(node, bindings)]
    if faults:
        raise min(faults, key=lambda fault: (fault.line or 0, fault.column or 0))


def _import_faults(node: ast.Import | ast.ImportFrom) -> Iterator[Rejection]:
    for alias in node.names:
        module, name = (alias.name, "") if isinstance(node, ast.Import) else (node.module or "", alias.name)
        if module == "__main__":
            # The script's own module, which shows what `globals` shows.
            continue
        if module not in PERMITTED:
            yield _refusal("forbidden_import", node, f"the module {module}", module, reason_left_out(module))
        elif name and (reason := _reason_withheld(module, name)):
            yield _refusal("forbidden_import", node, f"{module}.{name}", f"{module}.{name}", reason)


def _faults(node: ast.AST, bindings: Bindings) -> Iterator[Rejection]:
    match node:
        case ast.Name(id=name, ctx=ast.Load()) if name in DENIED_BUILTINS and permitted(name):
            if not bindings.binds(name):
                yield _refusal("forbidden_syntax", node, f"the builtin {name}", name, DENIED_BUILTINS[name])
        case ast.Attribute(attr=attribute, ctx=ast.Load()):
            module = bindings.module(node.value)
            if module and (reason := _reason_withheld(module, attribute)):
                name = f"{module}.{attribute}"
                yield _refusal("forbidden_syntax", node, name, name, reason)
    for name in _names(node):
        if not permitted(name):
            yield _rejection("forbidden_syntax", f"the name {name} cannot be used", node, name)


def _reason_withheld(module: str, name: str) -> str | None:
    """Return why a script does not get `name` of a permitted module; None if it does."""
    submodule = f"{module}.{name}"
    if submodule in PERMITTED or name == "*":
        return None
    return PERMITTED[module].refusal(name) and (reason_left_out(submodule) or PERMITTED[module].refusal(name))


def _refusal(kind: str, node: ast.AST, what: str, name: str, reason: str | None) -> Rejection:
    message = f"the restricted executor does not have {what}" + (f": {reason}" if reason else "")
    return _rejection(kind, message, node, name)


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
