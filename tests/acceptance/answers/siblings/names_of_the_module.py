# sandboxes: slot fresh
def function():
    pass


class Class:
    def method(self):
        pass


def main():
    return {
        "name": __name__,
        "doc": __doc__,
        "spec": str(__spec__),
        "package": __package__,
        "builtins": __builtins__.__name__,
        "class": repr(Class),
        "module": function.__module__,
        "function": Class.method.__qualname__,
        "globals": sorted(name for name in globals() if name.startswith("__") and "returned" not in name),
    }
