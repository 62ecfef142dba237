# source: huggingface/smolagents#2053
# note: CPython shows classes of the main module without a module name
class BudgetExceeded(Exception):
    pass


class Outer:
    class Inner(ValueError):
        pass


def main():
    try:
        raise Outer.Inner("first")
    except ValueError:
        raise BudgetExceeded("second")
