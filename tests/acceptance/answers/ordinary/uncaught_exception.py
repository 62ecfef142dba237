def parse(row):
    return int(row["age"])


def main():
    rows = [{"age": "3"}, {"age": "x"}]
    print("reading", len(rows))
    return {"ages": [parse(row) for row in rows]}
