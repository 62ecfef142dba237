"""A pool of threads that counts primes, range by range."""

from concurrent.futures import ThreadPoolExecutor
from math import isqrt


def is_prime(number):
    return number > 1 and all(number % divisor for divisor in range(2, isqrt(number) + 1))


def count_primes(bounds):
    return sum(is_prime(number) for number in range(*bounds))


def main(limit=10_000, step=2_500):
    ranges = [(start, min(start + step, limit)) for start in range(0, limit, step)]
    with ThreadPoolExecutor(max_workers=4) as pool:
        counts = list(pool.map(count_primes, ranges))
    for (start, end), count in zip(ranges, counts, strict=True):
        print(f"{start:>6} to {end:>6}: {count:>4} primes")
    return {"primes": sum(counts)}
