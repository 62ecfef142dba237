"""The import statements of a script, and which of them must succeed."""

import ast
import builtins
import re
from itertools import takewhile
from typing import Final

Import = ast.Import | ast.ImportFrom

#: The builtin exceptions that a failed import is not. A handler of anything else could catch it.
_OTHER_ERRORS: Final = frozenset(
    name
    for name, value in vars(builtins).items()
    if isinstance(value, type)
    and issubclass(value, BaseException)
    and not issubclass(ModuleNotFoundError, value)
)

_WORD: Final = re.compile(r"\w+")
_PATH: Final = re.compile(r"[\w./-]+")


def required_imports(tree: ast.Module) -> list[Import]:
    """Return the imports that run whenever the script runs and that end it when they fail, by position.

    An import that may not run (in a function, under `if`, in a loop) or whose error the script may catch (in
    `with`, in a `try` with a handler for it) is not among them. It raises its error at run time.
    """
    found: list[Import] = []
    blocks = [tree.body]
    while blocks:
        for statement in blocks.pop():
            match statement:
                case ast.Import() | ast.ImportFrom():
                    found.append(statement)
                case ast.ClassDef(body=body):
                    blocks.append(body)
                case ast.Try() | ast.TryStar():
                    blocks += [_required_part(statement), statement.finalbody]
    return sorted(found, key=lambda node: (node.lineno, node.col_offset))


def _required_part(statement: ast.Try | ast.TryStar) -> list[ast.stmt]:
    """Return the statements of the `try` block that run and whose ImportError no handler could catch."""
    if any(_may_catch(handler.type) for handler in statement.handlers):
        return []
    if statement.handlers:
        # Any other statement could raise an error that a handler catches, and the rest would not run.
        return list(takewhile(lambda inner: isinstance(inner, Import), statement.body))
    return statement.body


def _may_catch(caught: ast.expr | None) -> bool:
    """Return whether a handler of `caught` could catch the error of an import."""
    if isinstance(caught, ast.Tuple):
        return any(not isinstance(item, ast.Name) or item.id not in _OTHER_ERRORS for item in caught.elts)
    return not isinstance(caught, ast.Name) or caught.id not in _OTHER_ERRORS


def names_in_strings(tree: ast.Module) -> frozenset[str]:
    """Return the words of all strings without spaces, such as `helper` of `open("helper.py", "w")`.

    A script that makes a module itself, and then imports it, has the module's name in such a string.
    """
    texts = (
        node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and type(node.value) is str
    )
    return frozenset(word for text in texts if _PATH.fullmatch(text) for word in _WORD.findall(text))


def imported_modules(node: Import) -> list[str]:
    """Return the modules that an import statement names, relative ones with their leading dots."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return ["." * node.level + (node.module or "")]
