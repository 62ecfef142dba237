from decimal import ROUND_HALF_UP, Decimal, getcontext, localcontext
from fractions import Fraction


def main():
    getcontext().prec = 50
    with localcontext() as context:
        context.prec = 5
        short = Decimal(1) / 3
    return {
        "long": str(Decimal(2).sqrt()),
        "short": str(short),
        "money": str(Decimal("2.675").quantize(Decimal("0.01"), ROUND_HALF_UP)),
        "fraction": str(sum(Fraction(1, n) for n in range(1, 20))),
        "floats": [0.1 + 0.2, 1e300 * 10, round(2.5), -7 // 2, -7 % 3][0:1] + [round(2.5), -7 // 2],
    }
