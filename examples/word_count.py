"""Standard input: count the words of a text."""

import re
import sys
from collections import Counter


def main(top=3):
    lines = 0
    words = Counter()
    for line in sys.stdin:
        lines += 1
        words.update(re.findall(r"[^\W\d_]+", line.lower()))
    ranking = sorted(words.items(), key=lambda entry: (-entry[1], entry[0]))[:top]
    for word, count in ranking:
        print(f"{count:>4} {word}")
    return {"lines": lines, "words": words.total(), "top": [word for word, _ in ranking]}
