import sqlite3


def main():
    db = sqlite3.connect(":memory:")
    db.create_function("double", 1, lambda n: n * 2)
    db.executescript("create table t (n int); insert into t values (1), (2);")
    try:
        db.execute("select * from missing")
    except sqlite3.OperationalError as error:
        message = str(error)
    return {"r": [n for (n,) in db.execute("select double(n) from t")], "error": message}
