"""Clients cancel, list, repeat and share the service, tested over HTTP against all its processes."""

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import psutil
import pytest

from config.credentials import new_key
from tests.support.service import Service, running_service
from tests.support.wait import eventually

FOREVER = "def main():\n    while True: pass"
ECHO = "def main(n): return {'n': n}"
LONG = {"timeout": 30, "cpu": 30}


@pytest.fixture(scope="module")
def keyed(nsjail: None) -> Iterator[tuple[Service, httpx.Client, httpx.Client]]:
    """A service with keys, one slot and logs as JSON, and one client for each of two keys."""
    (shop, shop_entry), (school, school_entry) = new_key("shop"), new_key("school")
    entries = f"{shop_entry},{school_entry}"
    with running_service(API_KEYS=entries, WORKERS="1", LOG_FORMAT="json", KEY_QUEUED_MAX="150") as service:
        clients = [
            httpx.Client(
                base_url=service.client.base_url, timeout=60, headers={"Authorization": f"Bearer {key}"}
            )
            for key in (shop, school)
        ]
        with clients[0], clients[1]:
            yield service, clients[0], clients[1]


def test_cancelled_job_stops_and_the_worker_takes_the_next(
    keyed: tuple[Service, httpx.Client, httpx.Client],
) -> None:
    service, shop, _ = keyed
    worker = psutil.Process(service.worker.pid)
    path = shop.post("/jobs", json={"script": FOREVER, "limits": LONG}).headers["Location"]
    eventually(lambda: shop.get(path).json()["status"] == "running", within=10, what="the job runs")
    eventually(lambda: _busy(worker), within=10, what="the script runs")
    cancelled = shop.delete(path)
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    eventually(lambda: not _busy(worker), within=1.5, what="the script has ended")
    answer = shop.post("/execute", json={"script": ECHO, "inputs": {"n": 1}})
    assert (answer.status_code, answer.json()["result"]) == (200, {"n": 1})
    assert shop.delete(path).status_code == 409
    assert shop.get(path).json()["status"] == "cancelled"


def test_list_of_100_jobs_runs_each_once_when_it_is_posted_four_times(
    keyed: tuple[Service, httpx.Client, httpx.Client],
) -> None:
    _, shop, _ = keyed
    jobs = [{"script": ECHO, "inputs": {"n": n}} for n in range(100)]
    key = {"Idempotency-Key": "batch-1"}
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: shop.post("/jobs", json=jobs, headers=key), range(4)))
    assert {answer.status_code for answer in answers} == {202}
    ids = [job["id"] for job in answers[0].json()]
    assert all([job["id"] for job in answer.json()] == ids for answer in answers)
    assert len(set(ids)) == 100

    def finished() -> list[dict[str, object]]:
        found = shop.get("/jobs", params={"ids": ",".join(ids)}).json()["jobs"]
        return found if all(job["status"] == "succeeded" for job in found) else []

    assert [job["result"] for job in eventually(finished, within=60, what="all have run")] == [
        {"n": n} for n in range(100)
    ]


def test_full_queue_of_one_key_does_not_delay_another_key(
    keyed: tuple[Service, httpx.Client, httpx.Client],
) -> None:
    _, shop, school = keyed
    slow = {"script": "import time\ndef main(): time.sleep(0.2); return {}"}
    ids = [job["id"] for job in shop.post("/jobs", json=[slow] * 100).json()]
    began = time.monotonic()
    assert school.post("/execute", json={"script": ECHO, "inputs": {"n": 2}}).status_code == 200
    assert time.monotonic() - began < 3.0
    assert shop.post("/jobs", json=[slow] * 100).status_code == 429
    assert school.get(f"/jobs/{ids[0]}").status_code == 404
    for job_id in ids:
        shop.delete(f"/jobs/{job_id}")


def test_repeated_idempotency_key_returns_the_first_answer_when_it_was_lost(
    keyed: tuple[Service, httpx.Client, httpx.Client],
) -> None:
    _, shop, _ = keyed
    body = {"script": "import time\ndef main(): time.sleep(1); return {'at': time.time()}"}
    with pytest.raises(httpx.ReadTimeout):
        shop.post("/execute", json=body, headers={"Idempotency-Key": "lost"}, timeout=0.3)
    first = shop.post("/execute", json=body, headers={"Idempotency-Key": "lost"})
    again = shop.post("/execute", json=body, headers={"Idempotency-Key": "lost"})
    assert first.status_code == 200
    assert again.json() == first.json()


def test_log_lines_of_api_and_worker_name_the_job(keyed: tuple[Service, httpx.Client, httpx.Client]) -> None:
    service, shop, _ = keyed
    job = shop.post("/execute", json={"script": ECHO, "inputs": {"n": 3}}).json()

    def logged() -> bool:
        lines = [json.loads(line) for line in service.log.read_text().splitlines()]
        events = {(line["logger"], line["event"]) for line in lines if line.get("job") == job["id"]}
        return {("api.request_log", "request"), ("worker.executor", "job ended")} <= events

    # The worker writes its line after the answer is on its way.
    eventually(logged, within=10, what="the API and the worker have logged the job")


def test_metrics_need_a_key_and_cover_the_whole_service(
    keyed: tuple[Service, httpx.Client, httpx.Client],
) -> None:
    service, shop, _ = keyed
    assert service.client.get("/metrics").status_code == 401
    text = shop.get("/metrics").text
    assert 'python_executor_workers{sandbox="nsjail"} 1.0' in text
    assert 'python_executor_jobs_finished_total{error_type="",status="succeeded"}' in text


def _busy(worker: psutil.Process) -> bool:
    """Return whether a descendant of the worker uses CPU time now."""
    before = {child.pid: child.cpu_times().user for child in worker.children(recursive=True)}
    threading.Event().wait(0.1)
    return any(
        child.cpu_times().user - before.get(child.pid, 0) > 0.03
        for child in worker.children(recursive=True)
        if child.is_running()
    )
