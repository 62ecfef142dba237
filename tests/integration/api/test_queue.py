"""`GET /queue.json`: the numbers of the queue page."""

from dataclasses import replace

from flask.testing import FlaskClient

from api import schemas
from config.redis import connect
from jobs.files import Artifact
from jobs.outcome import ErrorType, JobError, Outcome, SandboxKind
from store import keys
from tests.support.answers import content, error_of
from tests.support.api import BODY, running_app
from tests.support.credentials import make_keys
from tests.support.worker import DATA, SUCCESS, StubWorker

TIMEOUT = Outcome(sandbox=SandboxKind.NSJAIL, error=JobError(ErrorType.TIMEOUT, "too slow"))


def move_history_back(redis_url: str, minutes: int = 1) -> None:
    """Change the latest snapshot as if it were older."""
    with connect(redis_url) as redis:
        latest = redis.lindex(keys.HISTORY, 0)
        assert isinstance(latest, str)
        at, _, rest = latest.partition(" ")
        redis.lset(keys.HISTORY, 0, f"{int(at) - minutes * 60_000} {rest}")


def test_queue_is_empty_when_nothing_has_happened(redis_url: str) -> None:
    with running_app(redis_url) as app:
        found = content(app.test_client().get("/queue.json"))
    assert schemas.Queue.model_validate(found).model_dump(mode="json") == found
    assert [one["jobs"] for one in found["queued"]] == [0] * 6
    assert (found["running"], found["workers"], found["intervals"], found["jobs"]) == (0, [], [], [])
    assert found["totals"] == {"submitted": 0, "succeeded": 0, "failed": 0, "cancelled": 0, "failures": {}}


def test_queue_shows_jobs_workers_and_the_minute_so_far(redis_url: str, worker: StubWorker) -> None:
    with running_app(redis_url) as app:
        client = app.test_client()
        worker.announce(DATA)
        worker.snapshot()
        move_history_back(redis_url)
        for priority in ("high", "normal", "low", "low"):
            client.post("/jobs", json={**BODY, "priority": priority})
        client.post("/jobs", json={"script": "print()", "mode": "program", "environment": "data"})
        worker.end(worker.take(), replace(SUCCESS, artifacts=(Artifact("x", 1, None),)))
        worker.end(worker.take(), TIMEOUT)
        worker.take()
        found = content(client.get("/queue.json"))
    assert schemas.Queue.model_validate(found).model_dump(mode="json") == found
    depth = {(one["priority"], one["interactive"]): one["jobs"] for one in found["queued"]}
    assert (depth["low", False], sum(depth.values()), found["running"]) == (2, 2, 1)
    [seen] = found["workers"]
    assert (seen["environments"], seen["version"], seen["gone"]) == (["data", "stdlib"], None, False)
    [minute] = found["intervals"]
    assert minute["submitted"] > minute["finished"] > minute["failed"] > 0
    assert minute["runs"]["p95_ms"] >= minute["runs"]["p50_ms"] >= 0
    assert (minute["queued"], minute["running"]) == (2, 1)
    assert found["totals"] == {
        "submitted": 5,
        "succeeded": 1,
        "failed": 1,
        "cancelled": 0,
        "failures": {"timeout": 1},
    }
    newest = found["jobs"][0]
    assert (newest["mode"], newest["environment"], len(found["jobs"])) == ("program", "data", 5)
    failed = next(one for one in found["jobs"] if one["status"] == "failed")
    assert failed["error_type"] == "timeout"
    assert failed["queued_ms"] >= 0
    assert failed["run_ms"] >= 0


def test_queue_lists_the_latest_jobs_of_the_own_key_only(redis_url: str) -> None:
    credentials, (shop, school) = make_keys("shop", "school")
    with running_app(redis_url, credentials) as app:
        client = app.test_client()
        ids = [content(client.post("/jobs", json=BODY, headers=shop))["id"] for _ in range(22)]
        own = content(client.get("/queue.json", headers=shop))
        other = content(client.get("/queue.json", headers=school))
    assert [one["id"] for one in own["jobs"]] == ids[:1:-1]
    assert other["jobs"] == []
    assert not any(job_id in str(other) for job_id in ids)
    assert sum(one["jobs"] for one in other["queued"]) == 22


def test_queue_answers_503_when_redis_is_away() -> None:
    with running_app("redis://127.0.0.1:1") as app:
        client: FlaskClient = app.test_client()
        for _ in range(2):
            assert error_of(client.get("/queue.json"), 503)["type"] == "unavailable"
