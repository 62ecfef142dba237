"""An SQLite database in a temporary folder: the only files a script can write are in /tmp."""

import sqlite3
import tempfile
from contextlib import closing

REPORT = """
    SELECT customer, COUNT(*) AS orders, SUM(cents) AS cents
    FROM orders
    GROUP BY customer
    HAVING SUM(cents) >= 1000
    ORDER BY cents DESC
"""


def main(orders):
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(sqlite3.connect(f"{folder}/orders.db")) as database,
    ):
        database.row_factory = sqlite3.Row
        database.execute("CREATE TABLE orders (customer TEXT, product TEXT, cents INTEGER)")
        database.executemany("INSERT INTO orders VALUES (:customer, :product, :cents)", orders)
        rows = database.execute(REPORT).fetchall()
    for row in rows:
        print(f"{row['customer']}: {row['cents'] / 100:.2f} (orders: {row['orders']})")
    return {"customers": [dict(row) for row in rows]}
