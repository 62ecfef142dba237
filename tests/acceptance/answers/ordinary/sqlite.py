# sandboxes: slot fresh
import sqlite3


def main():
    with sqlite3.connect("shop.db") as db:
        db.execute("create table item (name text, price real)")
        db.executemany("insert into item values (?, ?)", [("a", 1.5), ("b", 2.5), ("c", 4)])
    db.row_factory = sqlite3.Row
    rows = [dict(row) for row in db.execute("select * from item where price > ? order by name", (2,))]
    total = db.execute("select sum(price), group_concat(name, '-') from item").fetchone()
    return {"rows": rows, "total": list(total)}
