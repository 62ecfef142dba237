"""Transform a JSON tree: hide secrets, and list every leaf with its path."""

import json

SECRET = {"password", "token", "secret"}


def redact(node):
    match node:
        case dict():
            return {key: "***" if key.lower() in SECRET else redact(value) for key, value in node.items()}
        case list():
            return [redact(item) for item in node]
        case _:
            return node


def leaves(node, path="$"):
    if isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(value, f"{path}.{key}")
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from leaves(item, f"{path}[{index}]")
    else:
        yield path, node


def main(document):
    tree = redact(document)
    for path, value in leaves(tree):
        print(path, "=", json.dumps(value))
    return {"document": tree}
