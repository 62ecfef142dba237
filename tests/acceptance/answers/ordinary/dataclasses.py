from dataclasses import asdict, dataclass, field, replace


@dataclass(order=True, frozen=True)
class Item:
    price: float
    name: str = field(compare=False)
    tags: list[str] = field(default_factory=list, compare=False)


def main():
    items = sorted([Item(2.5, "b"), Item(1.0, "a", ["x"])])
    print(items[0], hash(items[0]) == hash(Item(1.0, "z")))
    try:
        items[0].price = 3
    except AttributeError as error:
        print(type(error).__name__, error)
    return {"items": [asdict(item) for item in items], "new": asdict(replace(items[1], name="c"))}
