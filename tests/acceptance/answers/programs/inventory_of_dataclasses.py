# mode: "program"
import json
from dataclasses import asdict, dataclass, field, fields
from functools import total_ordering


@total_ordering
@dataclass
class Product:
    name: str
    price: float
    quantity: int = 0
    tags: set[str] = field(default_factory=set, repr=False)

    def __post_init__(self):
        if self.price < 0:
            raise ValueError(f"{self.name}: the price is negative")

    def __lt__(self, other):
        return self.value < other.value

    @property
    def value(self) -> float:
        return self.price * self.quantity


@dataclass(slots=True, kw_only=True)
class Warehouse:
    city: str
    products: list[Product] = field(default_factory=list)


warehouse = Warehouse(city="Graz")
for line in ["Chair 49.5 4", "Table 120 1", "Lamp 15.25 10"]:
    name, price, quantity = line.split()
    warehouse.products.append(Product(name, float(price), int(quantity), {name[0], "new"}))

print(max(warehouse.products))
print(json.dumps(asdict(warehouse), indent=2, default=sorted))
print([f.name for f in fields(Product)], hasattr(warehouse, "__dict__"))
Product("Rug", -1)
