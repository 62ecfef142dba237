from flask.testing import FlaskClient

from tests.support.answers import content
from tests.support.worker import REGISTRATION, StubWorker


def test_process_is_live_whoever_is_away(client: FlaskClient) -> None:
    response = client.get("/health/live")
    assert (response.status_code, content(response)) == (200, {"status": "ok"})


def test_ready_once_a_worker_consumes(client: FlaskClient, worker: StubWorker) -> None:
    worker.register()
    response = client.get("/health/ready")
    assert response.status_code == 200
    assert content(response) == {
        "status": "ready",
        "workers": [{"id": REGISTRATION.id, "sandbox": REGISTRATION.sandbox, "detail": REGISTRATION.detail}],
    }


def test_not_ready_once_the_last_worker_has_left(client: FlaskClient, worker: StubWorker) -> None:
    worker.register()
    worker.unregister()
    response = client.get("/health/ready")
    assert response.status_code == 503
    assert content(response)["error"] == {"type": "unavailable", "message": "no worker is consuming"}
    assert int(response.headers["Retry-After"]) > 0
