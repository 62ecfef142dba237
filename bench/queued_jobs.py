"""Jobs of one key that stay in the queue while the jobs of other keys run."""

from typing import Final

from bench.scripts import SLEEP, TRIVIAL
from harness.client import Client, authorize
from harness.service import Service

#: Seconds for which the jobs run that keep the others of their key in the queue: longer than a measurement.
#: They end with the service.
_BUSY: Final = 600

#: Room in the queue for the measured jobs.
_MEASURED: Final = 1000

#: Jobs of one request.
_BATCH: Final = 100


def make_settings(running: int, queued: int) -> dict[str, str]:
    """Return the settings of a service in which `queue_jobs` can run some jobs and queue others."""
    room = str(running + queued + _MEASURED)
    return {
        "KEY_RUNNING_MAX": str(running),
        "KEY_QUEUED_MAX": room,
        "QUEUE_MAX": room,
        "TIMEOUT_MAX": str(_BUSY),
        # The end of the service does not wait for the jobs that run.
        "SHUTDOWN_GRACE": "0",
    }


def queue_jobs(service: Service, key: str, running: int, queued: int) -> list[str]:
    """Start as many jobs of the key as may run, and queue others; return the ids of those in the queue."""
    client, headers = Client(service.url), authorize(key)
    busy = {"script": SLEEP, "inputs": {"seconds": _BUSY}, "limits": {"timeout": _BUSY}, "stream": True}
    _submit(client, [busy] * running, headers)
    waiting = {"script": TRIVIAL, "stream": True}
    ids: list[str] = []
    while len(ids) < queued:
        ids += _submit(client, [waiting] * min(_BATCH, queued - len(ids)), headers)
    client.close()
    return ids


def _submit(client: Client, jobs: list[dict[str, object]], headers: dict[str, str]) -> list[str]:
    answer = client.ask("POST", "/jobs", jobs, headers)
    if answer.status != 202:
        raise RuntimeError(f"the jobs were not accepted: {answer.text}")
    return [job["id"] for job in answer.json()]
