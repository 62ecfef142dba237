# mode: "program"
class InsufficientFunds(Exception):
    def __init__(self, needed, available):
        super().__init__(f"needed {needed:.2f}, available {available:.2f}")
        self.needed = needed
        self.available = available


class Account:
    interest = 0.0

    def __init__(self, owner, balance=0):
        self.owner = owner
        self._balance = balance
        self.history = []

    @property
    def balance(self):
        return self._balance

    def deposit(self, amount):
        if amount <= 0:
            raise ValueError("Deposit must be positive")
        self._balance += amount
        self.history.append(("deposit", amount))

    def withdraw(self, amount):
        if amount > self._balance:
            raise InsufficientFunds(amount, self._balance)
        self._balance -= amount
        self.history.append(("withdraw", amount))

    def __repr__(self):
        return f"{type(self).__name__}(owner={self.owner!r}, balance={self._balance})"


class Savings(Account):
    interest = 0.05

    def add_interest(self):
        self.deposit(self._balance * self.interest)


account = Savings("Ada", 100)
account.deposit(50)
account.add_interest()
print(account, account.history)
for amount in (30, -5, 1000):
    try:
        account.deposit(amount) if amount < 0 else account.withdraw(amount)
    except (ValueError, InsufficientFunds) as error:
        print(f"{type(error).__name__}: {error}")
    else:
        print("new balance:", account.balance)
account.balance = 0
