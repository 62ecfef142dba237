"""Money in `Decimal`: an invoice whose cents add up."""

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def main(lines, tax_percent):
    rate = Decimal(tax_percent) / 100
    net = Decimal(0)
    for line in lines:
        amount = Decimal(line["price"]) * line["quantity"]
        net += amount
        print(f"{line['name']:<12}{line['quantity']:>3} x {line['price']:>8} = {amount:>9}")
    tax = (net * rate).quantize(CENT, rounding=ROUND_HALF_UP)
    print(f"{'total':<12}{net + tax:>26}")
    # JSON has no decimals; a string keeps every digit.
    return {"net": str(net), "tax": str(tax), "gross": str(net + tax)}
