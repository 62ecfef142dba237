"""Jobs that get a file and give one back."""

import base64
import json
import random
import time
from typing import Final

from harness.client import Connection, make_request
from harness.service import Service

#: The bytes of the file.
_BYTES: Final = 1024 * 1024

_COPY: Final = """\
def main():
    with open("in.bin", "rb") as source, open("out.bin", "wb") as copy:
        copy.write(source.read())
    return {}
"""


def run(service: Service, count: int, pause: float) -> list[float]:
    """Run jobs that copy a file; return the milliseconds of each, from the request to the copy.

    Args:
        service: The service.
        count: How many jobs.
        pause: Seconds to wait before each job.

    Raises:
        AssertionError: A job failed, or the copy differs from the file.
    """
    content = random.Random(1).randbytes(_BYTES)
    file = {"path": "in.bin", "content": base64.b64encode(content).decode(), "encoding": "base64"}
    body = json.dumps({"script": _COPY, "files": [file], "artifacts": ["out.bin"]}).encode()
    request = make_request("POST", "/execute", body)
    times = []
    with Connection(service.port) as connection:
        connection.exchange(make_request("GET", "/health/live"))
        for _ in range(count):
            time.sleep(pause)
            began = time.perf_counter()
            job = connection.exchange(request)
            assert job.status == 200, job.text
            copy = connection.exchange(make_request("GET", f"/jobs/{job.json()['id']}/artifacts/out.bin"))
            times.append((time.perf_counter() - began) * 1000)
            assert copy.body == content, copy.text
    return times
