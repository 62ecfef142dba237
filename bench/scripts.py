"""The scripts of the jobs."""

import json
from typing import Final

#: A job without work: its time is that of the service.
TRIVIAL: Final = "def main():\n    return {'ok': True}\n"

#: A job with five imports of the standard library and some computation.
MODERATE: Final = """\
import collections
import datetime
import json
import math
import re


def main():
    limit = 20_000
    sieve = bytearray([1]) * limit
    sieve[:2] = b"\\0\\0"
    for number in range(2, math.isqrt(limit) + 1):
        if sieve[number]:
            sieve[number * number :: number] = bytes(len(range(number * number, limit, number)))
    primes = [number for number in range(limit) if sieve[number]]
    digits = collections.Counter(re.findall(r"\\d", json.dumps(primes)))
    return {"primes": len(primes), "digits": digits, "year": datetime.date(2024, 2, 29).year}
"""

#: The moderate script as a program, to run without the service.
MODERATE_PROGRAM: Final = f"{MODERATE}\n\nprint(json.dumps(main()))\n"

#: A job that keeps a worker busy.
SLEEP: Final = "import time\ndef main(seconds):\n    time.sleep(seconds)\n    return {}\n"


def make_body(script: str, **inputs: float) -> bytes:
    """Return the body of a request to run `script`."""
    return json.dumps({"script": script, "inputs": inputs}).encode()
