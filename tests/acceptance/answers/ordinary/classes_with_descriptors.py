class Positive:
    def __set_name__(self, owner, name):
        self.name = "_" + name

    def __get__(self, instance, owner=None):
        return self if instance is None else getattr(instance, self.name)

    def __set__(self, instance, value):
        if value <= 0:
            raise ValueError(f"{self.name[1:]} must be positive")
        setattr(instance, self.name, value)


class Account:
    balance = Positive()
    made = 0

    def __init__(self, balance):
        self.balance = balance
        Account.made += 1

    def __add__(self, other):
        return Account(self.balance + other.balance)

    def __repr__(self):
        return f"Account({self.balance})"

    @property
    def rich(self):
        return self.balance > 100

    @classmethod
    def of(cls, text):
        return cls(int(text))


class Meta(type):
    def __call__(cls, *args):
        return ("made", super().__call__(*args).__class__.__name__)


class Special(metaclass=Meta):
    __slots__ = ("a",)


def main():
    print(Account(60) + Account.of("50"))
    try:
        Account(0)
    except ValueError as error:
        print(error)
    return {"rich": (Account(60) + Account(50)).rich, "made": Account.made, "special": Special()}
