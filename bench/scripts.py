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

#: Programs with packages, by the name of their sample.
PACKAGES: Final = {
    "numpy": """\
import numpy as np

numbers = np.arange(40_000, dtype=float).reshape(200, 200)
print(numbers.dot(numbers).trace())
""",
    "pandas": """\
import pandas as pd

frame = pd.DataFrame({"key": list("abcab") * 200, "value": range(1000)})
print(frame.groupby("key")["value"].sum().to_dict())
""",
    "matplotlib": """\
import io

import matplotlib.pyplot as plt

figure, axes = plt.subplots(figsize=(6.4, 4.8), dpi=100)
axes.plot([n * n for n in range(100)], label="squares")
axes.legend()
image = io.BytesIO()
figure.savefig(image, format="png")
print(len(image.getvalue()))
""",
}

#: The name of a process that runs NAMED.
PROCESS_NAME: Final = "bench-job"

#: A program that names its process, so that the bench finds it, and stays. PR_SET_NAME is 15.
NAMED: Final = f"""\
import ctypes
import time

import numpy
import pandas

ctypes.CDLL(None).prctl(15, b"{PROCESS_NAME}")
time.sleep(2)
"""


def make_body(script: str, **inputs: float) -> bytes:
    """Return the body of a request to run `script`."""
    return json.dumps({"script": script, "inputs": inputs}).encode()


def make_program_body(program: str, environment: str) -> bytes:
    """Return the body of a request to run `program` with the packages of an environment."""
    fields = {"script": program, "mode": "program", "environment": environment, "limits": {"timeout": 30}}
    return json.dumps(fields).encode()
