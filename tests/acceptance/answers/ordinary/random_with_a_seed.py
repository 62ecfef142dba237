import hashlib
import random
import statistics
import uuid


def main():
    random.seed(42)
    numbers = [random.gauss(0, 1) for _ in range(100)]
    return {
        "ints": [random.randint(1, 6) for _ in range(5)],
        "shuffled": random.sample(range(10), 10),
        "mean": round(statistics.mean(numbers), 12),
        "median": statistics.median([1, 5, 2]),
        "sha": hashlib.sha256(b"x").hexdigest(),
        "uuid": str(uuid.uuid5(uuid.NAMESPACE_DNS, "example.org")),
    }
