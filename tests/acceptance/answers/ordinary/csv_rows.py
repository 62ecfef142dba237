import csv
import io


def main():
    out = io.StringIO()
    writer = csv.DictWriter(out, ["name", "note"], lineterminator="\n")
    writer.writeheader()
    writer.writerows([{"name": "a", "note": 'say "hi", now'}, {"name": "b\nc", "note": ""}])
    rows = list(csv.DictReader(io.StringIO(out.getvalue())))
    print(out.getvalue(), end="")
    return {"rows": rows, "sniffed": csv.Sniffer().sniff("a;b\n1;2\n").delimiter}
