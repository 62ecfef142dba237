import bisect
import heapq
from functools import cmp_to_key, lru_cache, reduce
from operator import itemgetter


@lru_cache(maxsize=None)
def ways(n):
    return 1 if n < 2 else ways(n - 1) + ways(n - 2)


def main():
    people = [("bo", 30), ("al", 25), ("cy", 30)]
    heap = [5, 1, 4]
    heapq.heapify(heap)
    return {
        "by_age": sorted(people, key=itemgetter(1), reverse=True),
        "compared": sorted([3, 1, 2], key=cmp_to_key(lambda a, b: b - a)),
        "heap": [heapq.heappop(heap) for _ in range(3)],
        "place": bisect.bisect([1, 3, 5], 3),
        "ways": ways(90),
        "product": reduce(lambda a, b: a * b, range(1, 11)),
    }
