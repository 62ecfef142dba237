# mode: "program"
# sandboxes: slot fresh
import ast
import inspect


def documented(n: int = 3) -> str:
    """Return a text.

    The second paragraph.
    """
    return "x" * n


print(inspect.getsource(documented))
print(inspect.getdoc(documented), inspect.signature(documented))
with open(__file__) as file:
    tree = ast.parse(file.read())
print([node.name for node in tree.body if isinstance(node, ast.FunctionDef)])
