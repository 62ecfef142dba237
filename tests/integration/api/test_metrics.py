"""`GET /metrics`: what the metrics count."""

from dataclasses import replace

from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from jobs.files import Artifact
from jobs.outcome import ErrorType, JobError, Outcome, SandboxKind
from tests.support.api import BODY, SCRIPT, running_app
from tests.support.store import artifact
from tests.support.worker import DATA, SUCCESS, StubWorker

FAILURE = Outcome(sandbox=SandboxKind.RESTRICTED, error=JobError(ErrorType.TIMEOUT, "too slow"))


def read_metrics(client: FlaskClient) -> dict[tuple[str, ...], float]:
    """Return the value of each sample, by its name and the values of its labels."""
    response = client.get("/metrics")
    assert response.status_code == 200
    assert response.content_type == "text/plain; version=0.0.4; charset=utf-8"
    families = text_string_to_metric_families(response.text)
    samples = [sample for family in families for sample in family.samples]
    return {
        (sample.name.removeprefix("python_executor_"), *sample.labels.values()): sample.value
        for sample in samples
    }


def test_metrics_count_and_time_jobs_when_they_are_submitted_claimed_and_finished(
    client: FlaskClient, worker: StubWorker
) -> None:
    for priority in ("high", "low", "low"):
        client.post("/jobs", json={"script": SCRIPT, "priority": priority})
    client.post("/jobs", json={"script": "print()", "mode": "program", "priority": "low"})
    worker.end(worker.take(), SUCCESS)
    worker.end(worker.take(), FAILURE)
    worker.take()
    found = read_metrics(client)
    assert found["jobs_submitted_total", "stdlib", "main"] == 3
    assert found["jobs_submitted_total", "stdlib", "program"] == 1
    assert found["job_attempts_total",] == 3
    assert found["jobs_running",] == 1
    assert found["jobs_queued", "false", "low"] == 1
    assert found["jobs_queued", "false", "high"] == 0
    assert found["jobs_finished_total", "", "succeeded"] == 1
    assert found["jobs_finished_total", "timeout", "failed"] == 1
    assert found["jobs_sandboxed_total", "nsjail"] == 1
    assert found["jobs_sandboxed_total", "restricted"] == 1
    for name in ("job_wait_seconds", "job_run_seconds"):
        buckets = [value for (sample, *_), value in found.items() if sample == f"{name}_bucket"]
        assert buckets == sorted(buckets)
        assert buckets[-1] == found[f"{name}_count",] == 2
        assert found[f"{name}_sum",] >= 0


def test_metrics_count_jobs_and_workers_by_environment(redis_url: str, worker: StubWorker) -> None:
    with running_app(redis_url) as app:
        client = app.test_client()
        worker.announce(DATA)
        for environment in ("data", "stdlib", "data"):
            client.post("/jobs", json={**BODY, "environment": environment})
        client.post("/jobs", json={**BODY, "environment": "invented"})
        found = read_metrics(client)
    assert found["jobs_submitted_total", "data", "main"] == 2
    assert found["jobs_submitted_total", "stdlib", "main"] == 1
    assert found["environment_workers", "data"] == found["environment_workers", "stdlib"] == 1
    assert not any("invented" in key for key in found)


def test_metrics_count_files_and_artifacts_with_their_bytes(client: FlaskClient, worker: StubWorker) -> None:
    files = [{"path": "a", "content": "é"}, {"path": "b", "content": "AAAA", "encoding": "base64"}]
    client.post("/jobs", json={**BODY, "files": files})
    kept = (artifact("x", b"1234"), Artifact("y", 9_000_000, None))
    worker.end(worker.take(), replace(SUCCESS, artifacts=kept))
    found = read_metrics(client)
    assert (found["files_total",], found["file_bytes_total",]) == (2, 5)
    assert (found["artifacts_total",], found["artifact_bytes_total",]) == (1, 4)


def test_metrics_count_the_job_when_it_is_cancelled(client: FlaskClient) -> None:
    client.delete(client.post("/jobs", json=BODY).headers["Location"])
    assert read_metrics(client)["jobs_finished_total", "", "cancelled"] == 1


def test_metrics_count_requests_by_route_when_clients_invent_paths_and_methods(client: FlaskClient) -> None:
    before = read_metrics(client)
    for path in ("/jobs/x", "/jobs/y", "/nowhere", "/elsewhere", "/pages/a/nowhere", "/pages/b/nowhere"):
        client.get(path).close()
    client.open("/jobs/x", method="PROPFIND").close()
    after = read_metrics(client)
    new = {key for key in after if key not in before}
    counted = {key: after[key] - before.get(key, 0) for key in after if key[0] == "http_requests_total"}
    assert counted["http_requests_total", "GET", "/jobs/<job_id>", "404"] == 2
    assert counted["http_requests_total", "GET", "none", "404"] == 2
    assert counted["http_requests_total", "GET", "/pages/<digest>/<path:path>", "404"] == 2
    assert counted["http_requests_total", "other", "none", "405"] == 1
    assert not any("nowhere" in "".join(key) or "PROPFIND" in key for key in new)


def test_metrics_all_have_a_description_and_the_prefix(client: FlaskClient) -> None:
    families = list(text_string_to_metric_families(client.get("/metrics").text))
    assert len(families) >= 11
    assert all(family.documentation and family.name.startswith("python_executor_") for family in families)
