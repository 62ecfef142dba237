# mode: "program"
# sandboxes: slot fresh
import collections


class Stack:
    def __init__(self):
        self.items = []

    def push(self, item):
        self.items.append(item)


for attempt in (
    lambda: Stack().pusk(1),
    lambda: collections.namedtuble("P", "x"),
    lambda: "1" + 1,
    lambda: Stack().push(),
    lambda: {}["k"],
    lambda: [][0],
    lambda: int("x"),
    lambda: (1, 2, 3)[1:2].index(9),
    lambda: None.upper(),
    lambda: open("/no/file"),
    lambda: __import__("no_module"),
):
    try:
        attempt()
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
Stack().pusk(
    Stack(),
)
