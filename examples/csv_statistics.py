"""Statistics over CSV text that arrives in `inputs`."""

import csv
import io
import statistics
from collections import defaultdict


def main(table, group_by, value):
    groups = defaultdict(list)
    for row in csv.DictReader(io.StringIO(table)):
        groups[row[group_by]].append(float(row[value]))
    summary = {}
    for name, values in sorted(groups.items()):
        summary[name] = {
            "count": len(values),
            "mean": round(statistics.mean(values), 2),
            "median": statistics.median(values),
        }
        print(f"{name:<8}{summary[name]['mean']:>8.2f}")
    return {"groups": summary}
