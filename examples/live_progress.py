"""A program that says how far it is: its output arrives while it runs."""

import time

STEPS = 20


def show(done):
    bar = "#" * done + "." * (STEPS - done)
    print(f"[{bar}] {done * 100 // STEPS:3d} %", flush=True)


primes = []
candidate = 2
for step in range(1, STEPS + 1):
    while len(primes) < step * 50:
        if all(candidate % prime for prime in primes if prime * prime <= candidate):
            primes.append(candidate)
        candidate += 1
    show(step)
    # So that a person can watch it.
    time.sleep(0.1)
print(f"The prime number {len(primes)} is {primes[-1]}.")
