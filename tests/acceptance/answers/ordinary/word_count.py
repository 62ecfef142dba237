# inputs: {"text": "the cat and the hat and the bat"}
from collections import Counter


def main(text):
    counts = Counter(text.split())
    for word, count in counts.most_common(2):
        print(f"{word:<5}{count:>3}")
    return {"counts": dict(counts)}
