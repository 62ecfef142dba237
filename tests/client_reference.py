"""`python -m tests.client_reference` writes docs/reference/client.md from the docstrings of the client."""

import ast
import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import Final

from tests.support.checkout import ROOT

PAGE: Final = ROOT / "docs/reference/client.md"

_HEAD: Final = """# The client in Python

`python -m tests.client_reference` writes this page from the docstrings of `client/python_executor/`, and a test compares the two.
[How to use the client](../how-to/client.md) has examples. `from python_executor import …` imports every name on this page.

An `Execution` of a `Client` has artifacts of the type `Artifact`, which is the default of its type parameter. An `Execution` of an
`AsyncClient` is an `Execution[AsyncArtifact]`.
"""

#: The parts of the page, each with the modules whose public names it describes.
_PARTS: Final = {
    "Clients": ("client", "async_client"),
    "Scripts": ("script",),
    "Executions": ("execution", "artifact"),
    "Events": ("events",),
    "Errors": ("errors",),
    "The service": ("service_info",),
}

#: The sections of a docstring whose lines describe one name each.
_LISTS: Final = ("Args", "Attributes", "Raises")


def public_names() -> dict[str, str]:
    """Return the names that the client exports, each with the module that defines it, in their order."""
    tree = ast.parse((ROOT / "client/python_executor/public.py").read_text("utf-8"))
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    return {alias.name: str(node.module).rpartition(".")[2] for node in imports for alias in node.names}


def make_page() -> str:
    """Return the text of the page."""
    return "\n".join([_HEAD, *(line for part in _PARTS for line in _part(part))])


def _part(title: str) -> Iterator[str]:
    yield f"## {title}\n"
    for name in _PARTS[title]:
        module = import_module(f"python_executor.{name}")
        exported = [public for public, home in public_names().items() if home == name]
        tree = ast.parse(inspect.getsource(module))
        if title == "Errors":
            _, _, picture = (ast.get_docstring(tree) or "").partition("\n\n")
            yield f"```text shown: the tree of the errors\n{picture}\n```\n"
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and node.name in exported:
                yield from _class(node, module)
            elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in exported:
                yield f"### {ast.unparse(node.targets[0])}\n"
                yield f"`{ast.unparse(node)}`\n"


def _class(node: ast.ClassDef, module: ModuleType) -> Iterator[str]:
    yield f"### {node.name}\n"
    bases = [ast.unparse(base) for base in node.bases if not ast.unparse(base).startswith("Generic")]
    if bases:
        yield f"A subclass of {', '.join(f'`{base}`' for base in bases)}.\n"
    fields = [one for one in node.body if isinstance(one, ast.AnnAssign)]
    types = {ast.unparse(one.target): ast.unparse(one.annotation) for one in fields}
    yield from _docstring(node, types | _parameters(node))
    if bases == ["StrEnum"]:
        values = [ast.unparse(one.value) for one in node.body if isinstance(one, ast.Assign)]
        yield f"Its values are {', '.join(f'`{value}`' for value in values)}.\n"
    elif types and "Attributes:" not in (ast.get_docstring(node) or ""):
        yield "".join(f"- `{name}: {kind}`\n" for name, kind in types.items())
    for one in node.body:
        if not isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        decorators = [ast.unparse(decorator) for decorator in one.decorator_list]
        if one.name == "__init__" and node.name in ("Client", "AsyncClient"):
            yield f"`{node.name}({_arguments(one, module)})`\n"
            yield from _docstring(one, {})
        elif not one.name.startswith("_") and "staticmethod" not in decorators:
            yield from _method(node.name, one, module, is_property="property" in decorators)


def _parameters(node: ast.ClassDef) -> dict[str, str]:
    """Return the types of the parameters of `__init__`: attributes of errors have their names."""
    return {
        one.arg: ast.unparse(one.annotation).strip("'")
        for method in node.body
        if isinstance(method, ast.FunctionDef) and method.name == "__init__"
        for one in (*method.args.args, *method.args.kwonlyargs)
        if one.annotation
    }


def _method(
    owner: str, node: ast.FunctionDef | ast.AsyncFunctionDef, module: ModuleType, *, is_property: bool
) -> Iterator[str]:
    yield f"#### {owner}.{node.name}\n"
    kind = "await " if isinstance(node, ast.AsyncFunctionDef) and not _yields(node) else ""
    arguments = "" if is_property else f"({_arguments(node, module)})"
    returned = ast.unparse(node.returns).strip("'\"") if node.returns else "None"
    yield f"`{kind}{node.name}{arguments} -> {returned.removeprefix('builtins.')}`\n"
    yield from _docstring(node, {})


def _yields(node: ast.AST) -> bool:
    return any(isinstance(one, ast.Yield | ast.YieldFrom) for one in ast.walk(node))


def _arguments(node: ast.FunctionDef | ast.AsyncFunctionDef, module: ModuleType) -> str:
    """Return the parameters as a caller sees them: without `self`, and with the values of constants."""
    text = re.sub(r"^self(, )?", "", ast.unparse(node.args))
    values = re.sub(r"=([A-Z_]{2,})", lambda found: f"={getattr(module, found[1])}", text)
    return values.replace("=", " = ")


def _docstring(
    node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef, types: dict[str, str]
) -> Iterator[str]:
    """Yield a docstring in Markdown: its lists as lists, with the types of the attributes."""
    for paragraph in (ast.get_docstring(node) or "").split("\n\n"):
        section, _, rest = paragraph.partition(":\n")
        if section in _LISTS:
            yield f"{section}:\n"
            items = re.split(r"\n(?=\S)", inspect.cleandoc(rest))
            yield "".join(_item(item, types) for item in items)
        elif section == "Returns":
            yield f"Returns: {' '.join(rest.split())}\n"
        else:
            yield f"{' '.join(paragraph.split())}\n"


def _item(item: str, types: dict[str, str]) -> str:
    name, _, meaning = " ".join(item.split()).partition(": ")
    declared = f"{name}: {types[name]}" if name in types else name
    return f"- `{declared}`: {meaning}\n"


if __name__ == "__main__":
    PAGE.write_text(make_page(), "utf-8")
