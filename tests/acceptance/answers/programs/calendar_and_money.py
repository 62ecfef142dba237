# mode: "program"
import calendar
import statistics
import textwrap
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, getcontext
from fractions import Fraction

print(calendar.TextCalendar(firstweekday=calendar.SUNDAY).formatmonth(2024, 2))
payday = date(2024, 1, 31)
for _ in range(3):
    payday = (payday.replace(day=1) + timedelta(days=62)).replace(day=1) - timedelta(days=1)
    print(f"{payday:%a %d %b %Y}", payday.isocalendar().week)
getcontext().prec = 30
rate = Decimal("1.0375")
print((Decimal("1000") * rate**10).quantize(Decimal("0.01"), ROUND_HALF_EVEN), Decimal(2).sqrt())
print(0.1 + 0.2, Fraction(1, 3) + Fraction("0.25"), round(2.675, 2), f"{1e16:.1f}", 1e22, -0.0, 5e-324)
data = [2.75, 1.75, 1.25, 0.25, 0.5, 1.25, 3.5]
print(statistics.mean(data), statistics.stdev(data), statistics.quantiles(data), statistics.multimode(data))
print(textwrap.fill("It was a bright cold day in April, and the clocks were striking thirteen.", 30,
                    initial_indent="* ", subsequent_indent="  "))
print(divmod(-7, 3), int("ff", 16), f"{255:08b}", f"{1234567.891:,.2f}", f"{0.256:.1%}", "{:>{}}".format("x", 5))
