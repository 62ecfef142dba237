"""Measure a script: its text before it is parsed, then its syntax tree.

The measurements tell how much time CPython's compiler can take at most (`validation.script` has the bounds).
"""

import ast
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

_TOKEN: Final = re.compile(r"\w+|[^\w\s]|[\r\n]\s*")
_LEAVES: Final = (ast.Name, ast.Constant, ast.expr_context, ast.operator, ast.unaryop, ast.cmpop, ast.boolop)
_JUMPS: Final = (ast.Return, ast.Break, ast.Continue)
_SCOPES: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.comprehension)


@dataclass(frozen=True, slots=True)
class TextSurvey:
    """The measurements of a text.

    Attributes:
        tokens: The number of words, punctuation characters and lines, comments and strings included.
        marks: The number of combining marks. CPython sorts those of one letter in quadratic time.
    """

    tokens: int
    marks: int


@dataclass(frozen=True, slots=True)
class Survey:
    """A syntax tree and its measurements.

    Attributes:
        tree: The syntax tree.
        depth: The number of its levels. Names, constants and operators add no level. Each item of a `with`
            after the first adds one.
        scopes: The number of its functions, classes and comprehensions. CPython compares each with those
            before it.
        cleanup: An upper bound on the nodes that CPython compiles again because of a jump. Each `return`,
            `break` and `continue` has a copy of every `finally` around it, and of the end of every `with`.
        nested_finally: Whether a `finally` contains another. CPython compiles it twice at each level.
    """

    tree: ast.Module
    depth: int
    scopes: int
    cleanup: int
    nested_finally: bool


def survey_text(script: str) -> TextSurvey:
    """Measure the text."""
    marks = 0 if script.isascii() else sum(unicodedata.category(char)[0] == "M" for char in script)
    return TextSurvey(len(_TOKEN.findall(script)), marks)


def survey(tree: ast.Module) -> Survey:
    """Walk over the tree level by level. Without recursion, so that the depth has no limit."""
    depth = scopes = jumps = finally_nodes = 0
    nested_finally = False
    level: list[ast.AST] = [tree]
    finally_level: list[ast.AST] = []
    while level or finally_level:
        depth += 1
        finally_nodes += len(finally_level)
        below: list[ast.AST] = []
        finally_below: list[ast.AST] = []
        for nodes, children in ((level, below), (finally_level, finally_below)):
            for node in nodes:
                if isinstance(node, _JUMPS):
                    jumps += 1
                elif isinstance(node, _SCOPES):
                    scopes += 1
                for field in node._fields:
                    value = getattr(node, field, None)
                    if value.__class__ is list:
                        if field == "finalbody" and value:
                            finally_below.extend(value)
                            nested_finally |= nodes is finally_level
                        else:
                            children.extend(value)
                        if field == "items":
                            depth += len(value) - 1
                    elif isinstance(value, ast.AST):
                        children.append(value)
        level, finally_level = _inner_nodes(below), _inner_nodes(finally_below)
    # The code after a `finally` and the raised exception have a copy each, too.
    cleanup = (jumps + 2) * (finally_nodes + depth)
    return Survey(tree, depth, scopes, cleanup, nested_finally)


def _inner_nodes(values: list[ast.AST]) -> list[ast.AST]:
    # A list may also hold None or names.
    return [node for node in values if isinstance(node, ast.AST) and not isinstance(node, _LEAVES)]
