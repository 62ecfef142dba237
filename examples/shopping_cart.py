"""Dataclasses and an enumeration: a cart with a discount for each kind of customer."""

from dataclasses import asdict, dataclass, field
from enum import Enum


class Customer(Enum):
    NEW = 0
    REGULAR = 5
    PARTNER = 20

    @property
    def discount_percent(self):
        return self.value


@dataclass(frozen=True)
class Item:
    name: str
    cents: int
    quantity: int = 1


@dataclass
class Cart:
    customer: Customer
    items: list[Item] = field(default_factory=list)

    @property
    def total_cents(self):
        full = sum(item.cents * item.quantity for item in self.items)
        return full * (100 - self.customer.discount_percent) // 100


def main(customer, items):
    cart = Cart(Customer[customer.upper()], [Item(**item) for item in items])
    largest = max(cart.items, key=lambda item: item.cents * item.quantity)
    return {"total_cents": cart.total_cents, "largest": asdict(largest)}
