"""The rules for every script: it imports only what it can have, and it binds `main` if it needs to."""

import ast
import sys
from collections.abc import Callable, Iterator, Sequence, Set
from typing import Final

from validation.errors import Rejection
from validation.imports import imported_modules, names_in_strings, required_imports
from validation.left_out import LEFT_OUT
from validation.survey import Survey
from validation.syntax import check_compiles, to_character_column

#: A rule on a syntax tree: raises Rejection for the first node that breaks it.
Rule = Callable[[ast.Module], None]

#: The most characters of a module in a message. A script can name one that is as long as the script.
_MODULE_MAX: Final = 60

#: The modules of the script itself: the running one, and its file, which can be imported as well.
_OWN_MODULES: Final = frozenset({"__main__", "script"})

_PROGRAM: Final = 'send "mode": "program" to run the script from top to bottom'
_MISSING_MAIN: Final = f"""\
the script does not define main at its top level: {_PROGRAM}, or define main, for example:
def main():
    return {{"answer": 42}}"""
_MAIN_IN_BLOCK: Final = (
    'main is defined only under if __name__ == "__main__", which does not run before the service calls main: '
    f"define it above, or {_PROGRAM}"
)


def check(
    script: str,
    surveyed: Survey,
    extra_rule: Rule | None = None,
    *,
    needs_main: bool = True,
    modules: Set[str] = frozenset(),
) -> None:
    """Apply the rules for every script, then `extra_rule`.

    Args:
        script: The source text.
        surveyed: Its syntax tree.
        extra_rule: A rule to apply after those.
        needs_main: Whether the service calls the script's `main`.
        modules: The top-level modules of the packages that the script can import.

    Raises:
        Rejection: The script breaks a rule.
    """
    check_compiles(script, surveyed.tree)
    _check_imports(script, surveyed.tree, modules)
    if needs_main:
        _check_main(surveyed.tree)
    if extra_rule:
        extra_rule(surveyed.tree)


def _check_imports(script: str, tree: ast.Module, modules: Set[str]) -> None:
    required = [(node, name) for node in required_imports(tree) for name in imported_modules(node)]
    faults = [(node, name, fault) for node, name in required if (fault := _import_fault(name, modules))]
    # The script may write such a module, or put it into sys.modules, before it imports it.
    made = names_in_strings(tree) - LEFT_OUT.keys() if faults else ()
    for node, name, fault in faults:
        if name.partition(".")[0] not in made:
            column = to_character_column(script, node.lineno, node.col_offset)
            raise Rejection("forbidden_import", fault, node.lineno, column, name)


def _import_fault(name: str, modules: Set[str]) -> str | None:
    """Return why no sandbox can import the module `name`; None if one may.

    Args:
        name: The module, for example `numpy.linalg`.
        modules: The top-level modules of the packages of the script's environment.
    """
    package = name.partition(".")[0]
    if package in modules:
        return None
    if not package:
        return "a relative import needs a package, and a script is in none"
    if package in LEFT_OUT:
        return f"the module {name[:_MODULE_MAX]} cannot be imported: {LEFT_OUT[package]}"
    if package not in sys.stdlib_module_names and package not in _OWN_MODULES:
        allowed = "the standard library and the environment's packages" if modules else "the standard library"
        return f"only {allowed} can be imported, not {name[:_MODULE_MAX]}"
    return None


def _check_main(tree: ast.Module) -> None:
    running: list[ast.stmt] = []
    not_running: list[ast.stmt] = []
    for statement in tree.body:
        if isinstance(statement, ast.If) and _tests_for_main_module(statement.test):
            running += statement.orelse
            not_running += statement.body
        else:
            running.append(statement)
    if not any(map(_binds_main, _module_scope(running))):
        in_block = any(map(_binds_main, _module_scope(not_running)))
        raise Rejection("missing_main", _MAIN_IN_BLOCK if in_block else _MISSING_MAIN)


def _tests_for_main_module(test: ast.expr) -> bool:
    """Return whether an expression is `__name__ == "__main__"`, which is false in mode `main`."""
    match test:
        case ast.Compare(ast.Name("__name__"), [ast.Eq()], [ast.Constant("__main__")]) | ast.Compare(
            ast.Constant("__main__"), [ast.Eq()], [ast.Name("__name__")]
        ):
            return True
    return False


def _module_scope(statements: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """Yield the nodes that may bind a name in the scope of the statements, outer nodes first."""
    level = statements
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
