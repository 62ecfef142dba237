# sandboxes: slot fresh
import ast


def main():
    space = {}
    exec(compile("def f(n):\n    return n * factor", "<rule>", "exec"), {"factor": 3}, space)
    tree = ast.parse("a + b * 2", mode="eval")
    return {
        "f": space["f"](4),
        "eval": eval("x ** 2", {"x": 7}),
        "literal": ast.literal_eval("{'k': (1, None)}"),
        "names": sorted({node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}),
        "tree": eval(compile(tree, "<tree>", "eval"), {"a": 1, "b": 2}),
    }
