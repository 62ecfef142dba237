import math


def main():
    return {
        "factorial": math.factorial(100),
        "power": pow(3, 10**5, 10**9 + 7),
        "bits": (1 << 300).bit_length(),
        "isqrt": math.isqrt(10**60),
        "gcd": math.gcd(2**64, 6**40),
        "hex": hex(2**100),
        "comb": math.comb(60, 30),
    }
