"""The health checks of the API."""

from flask.testing import FlaskClient

from tests.support.answers import content
from tests.support.worker import REGISTRATION, StubWorker


def test_live_answers_200_when_no_worker_is_registered(client: FlaskClient) -> None:
    response = client.get("/health/live")
    assert (response.status_code, content(response)) == (200, {"status": "ok"})


def test_ready_lists_the_workers_when_one_is_registered(client: FlaskClient, worker: StubWorker) -> None:
    worker.register()
    response = client.get("/health/ready")
    assert response.status_code == 200
    assert content(response) == {
        "status": "ready",
        "workers": [
            {
                "id": REGISTRATION.id,
                "sandbox": REGISTRATION.sandbox,
                "detail": REGISTRATION.detail,
                "environments": ["stdlib"],
            }
        ],
    }


def test_ready_answers_503_when_the_last_worker_has_unregistered(
    client: FlaskClient, worker: StubWorker
) -> None:
    worker.register()
    worker.unregister()
    response = client.get("/health/ready")
    assert response.status_code == 503
    assert content(response)["error"] == {"type": "unavailable", "message": "no worker is consuming"}
    assert int(response.headers["Retry-After"]) > 0
