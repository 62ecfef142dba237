"""A job whose events a client follows, with broken connections."""

import http.client
from random import Random
from typing import Any, Final

from harness.client import Client
from harness.event_stream import EventStream

#: The most events that are read before the client breaks the connection.
_EVENTS: Final = 4

#: The most connections of one job.
_CONNECTIONS: Final = 200

_PRINTS: Final = """\
import sys, time
def main(n):
    for number in range(n):
        print(number, "é€" * 20, flush=True)
        print(number, file=sys.stderr)
        time.sleep(0.05)
    return {}
"""


def follow(url: str, port: int, random: Random) -> str | None:
    """Submit a job and follow it to its end; describe how its events differ from its outcome, or return None.

    Raises:
        OSError: The API does not answer.
    """
    client = Client(url)
    body = {"script": _PRINTS, "inputs": {"n": random.randint(1, 20)}, "stream": random.random() < 0.8}
    answer = client.ask("POST", "/jobs", body)
    client.close()
    if answer.status != 202:
        return answer.text
    job_id, last = answer.json()["id"], ""
    texts = {"stdout": "", "stderr": ""}
    for _ in range(_CONNECTIONS):
        headers = {"Last-Event-ID": last} if last else {}
        with EventStream(port, f"/jobs/{job_id}/events", headers=headers) as stream:
            if stream.status != 200:
                return f"the events of {job_id} were answered {stream.status}"
            left = random.randint(1, _EVENTS)
            try:
                for event in stream:
                    last = event.id
                    if event.type == "done":
                        return _compare(event.data, texts)
                    if event.type == "restarted":
                        texts = dict.fromkeys(texts, "")
                    elif event.type in texts:
                        if event.data["offset"] != len(texts[event.type].encode()):
                            return f"{job_id}: {event} after {len(texts[event.type].encode())} bytes"
                        texts[event.type] += event.data["text"]
                    left -= 1
                    if not left:
                        break
            except (OSError, http.client.HTTPException):
                continue
    return f"{job_id} does not end"


def _compare(job: dict[str, Any], texts: dict[str, str]) -> str | None:
    if job["status"] != "succeeded":
        return str(job)
    outputs = {name: job[name] for name in texts}
    return None if outputs == texts else f"{job['id']}: the events had {texts}, the job has {outputs}"
