# mode: "program"
# stdin: "date,product,quantity,price\n2024-01-03,Pen,10,1.20\n2024-01-03,\"Paper, A4\",2,4.75\n2024-01-04,Pen,5,1.20\n2024-01-05,Stapler,,12.99\n"
import csv
import sys
from collections import defaultdict

totals = defaultdict(float)
skipped = []
for number, row in enumerate(csv.DictReader(sys.stdin), start=2):
    try:
        totals[row["product"]] += int(row["quantity"]) * float(row["price"])
    except ValueError as error:
        skipped.append((number, str(error)))

print(f"{'Product':<15}|{'Total':>10}")
print("-" * 15 + "+" + "-" * 10)
for product, total in sorted(totals.items(), key=lambda item: -item[1]):
    print(f"{product:<15}|{total:>10,.2f}")
for number, reason in skipped:
    print(f"line {number} skipped: {reason}", file=sys.stderr)
writer = csv.writer(sys.stdout)
writer.writerow(["products", len(totals), sum(totals.values())])
