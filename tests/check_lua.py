"""Check the Lua scripts of the store: `python -m tests.check_lua`, a part of `make check`.

Each script is parsed as a whole, as Redis receives it. A name that neither the script declares nor Redis provides
is an error. Redis itself would report it only when the line runs.
"""

import sys
from collections.abc import Iterator
from typing import Any, Final

from luaparser import ast, astnodes

from store.lua_source import script_names, source

#: The names that Redis provides to every script, if the scripts use them.
GIVEN: Final = frozenset("ARGV cjson ipairs math pairs redis string table tonumber tostring unpack".split())


def faults(text: str) -> list[str]:
    """Return the faults of a script, one line each."""
    try:
        tree = ast.parse(text)
    except Exception as error:  # noqa: BLE001 -- the parser raises what its grammar raises
        return [f"it cannot be parsed: {error}"]
    nodes = list(ast.walk(tree))
    declared = {name for node in nodes for name in _declared(node)}
    fields = {id(node.idx) for node in nodes if isinstance(node, astnodes.Index) and _is_dotted(node)}
    keys = {id(node.key) for node in nodes if isinstance(node, astnodes.Field)}
    used = {
        node.id
        for node in nodes
        if isinstance(node, astnodes.Name) and id(node) not in fields and id(node) not in keys
    }
    return [f"{name} is not declared" for name in sorted(used - declared - GIVEN)]


def _declared(node: Any) -> Iterator[str]:
    match node:
        case astnodes.LocalAssign() | astnodes.Forin():
            yield from (target.id for target in node.targets)
        case astnodes.Fornum():
            yield node.target.id
        case astnodes.LocalFunction() | astnodes.AnonymousFunction():
            if isinstance(node, astnodes.LocalFunction):
                yield node.name.id
            yield from (argument.id for argument in node.args if isinstance(argument, astnodes.Name))


def _is_dotted(node: Any) -> bool:
    return bool(node.notation is astnodes.IndexNotation.DOT)


def main() -> int:
    """Print the faults of every script; return the exit status."""
    found = [f"{name}: {fault}" for name in script_names() for fault in faults(script_text(name))]
    print("\n".join(found) or f"{len(script_names())} Lua scripts: no fault")
    return 1 if found else 0


def script_text(name: str) -> str:
    """Return the text of a script without its first line, `#!lua`."""
    return source(name).partition("\n")[2]


if __name__ == "__main__":
    sys.exit(main())
