# mode: "program"
# sandboxes: slot fresh
from concurrent.futures import ProcessPoolExecutor


def is_prime(n):
    return n > 1 and all(n % d for d in range(2, int(n**0.5) + 1))


def main():
    numbers = [2, 15, 97, 7919]
    with ProcessPoolExecutor(max_workers=2) as pool:
        for number, prime in zip(numbers, pool.map(is_prime, numbers)):
            print(number, prime)


if __name__ == "__main__":
    main()
