"""Output that a client reads while the job runs."""

import json
import random
import time
from typing import Final

from bench.event_stream import EventStream
from harness.service import Service

#: Prints the time of each print. The clock is that of the client.
_PRINT: Final = """\
import time
def main(pauses):
    for pause in pauses:
        time.sleep(pause)
        print(time.time(), flush=True)
    return {}
"""

#: The shortest and longest pause before a print, in seconds.
_PAUSES: Final = (0.02, 0.15)


def run(service: Service, count: int) -> list[float]:
    """Run a job that prints; return the milliseconds from each print to its arrival at the client.

    Args:
        service: The service.
        count: How many times the job prints.

    Raises:
        AssertionError: The job failed.
    """
    pauses = [random.uniform(*_PAUSES) for _ in range(count)]
    body = json.dumps({"script": _PRINT, "inputs": {"pauses": pauses}}).encode()
    times: list[float] = []
    with EventStream(service.port, "/execute", body) as stream:
        for event in stream:
            now = time.time()
            if event.type == "stdout":
                times += [(now - float(moment)) * 1000 for moment in event.data["text"].split()]
    assert event.data["status"] == "succeeded", event
    assert len(times) == count
    return times
