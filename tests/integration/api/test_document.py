"""The OpenAPI document is held against the running application by schemathesis."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import pytest
import schemathesis
from flask_openapi3.openapi import OpenAPI
from hypothesis import strategies as st
from schemathesis.engine import events, from_schema

from api.app import create_app
from config.names import DISTRIBUTION
from config.settings import Settings
from jobs.outcome import ErrorType, JobError, Outcome, SandboxKind
from tests.support import access
from tests.support.worker import SUCCESS, StubWorker, working

SCRIPT: Final = "def main(**inputs):\n    return inputs"
FAILURE: Final = Outcome(sandbox=SandboxKind.NSJAIL, error=JobError(ErrorType.TIMEOUT, "too slow"))

CONFIG: Final[dict[str, Any]] = {
    "seed": 1,
    "max-time": 20,
    "generation": {"max-examples": 10, "deterministic": True, "no-shrink": True},
    "checks": {
        # A well-formed script may fail; that it is refused would be an error of the document.
        "positive_data_acceptance": {"expected-statuses": ["2xx", 404, 409, 422]},
        # A cancelled job is still there to be looked up.
        "use_after_free": {"enabled": False},
        # Schemathesis cannot ask this of a WSGI application; test_keys does.
        "ignored_auth": {"enabled": False},
    },
}

# No JSON schema can say that a text is a program.
schemathesis.openapi.format("python", st.sampled_from([SCRIPT, "def main():\n    return {}", "main = dict"]))
# Nor that it was given out by an answer.
schemathesis.openapi.format("cursor", st.sampled_from(["", "1", "7"]))


@pytest.mark.parametrize("required", [False, True], ids=["open", "keyed"])
def test_api_keeps_to_its_document_when_requests_are_generated_from_it(
    redis_url: str, required: bool
) -> None:
    credentials, headers = access.keys("shop") if required else (access.OPEN, [{}])
    app = create_app(Settings(redis_url=redis_url), credentials)
    config = schemathesis.Config.from_dict(CONFIG | {"headers": headers[0]})
    schema = schemathesis.openapi.from_wsgi("/openapi.json", app, config=config)
    with working(redis_url, SUCCESS, FAILURE):
        seen = list(from_schema(schema).execute())
    app.extensions[DISTRIBUTION].close()
    errors = [event for event in seen if isinstance(event, events.NonFatalError | events.FatalError)]
    records = [event.recorder for event in seen if isinstance(event, events.ScenarioFinished)]
    failures = [
        check.failure_info for record in records for checks in record.checks.values() for check in checks
    ]
    statuses = {
        interaction.response.status_code
        for record in records
        for interaction in record.interactions.values()
        if interaction.response
    }
    assert not errors
    assert not [failure for failure in failures if failure]
    assert statuses == {200, 202, 400, 404, 405, 409, 415, 422} | ({401} if required else set())


@pytest.mark.parametrize(("outcome", "status"), [(SUCCESS, 200), (FAILURE, 422)])
def test_execute_keeps_to_the_document_when_the_job_has_run(
    app: OpenAPI, worker: StubWorker, outcome: Outcome, status: int
) -> None:
    operation = schemathesis.openapi.from_wsgi("/openapi.json", app)["/execute"]["POST"]
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(operation.Case(body={"script": SCRIPT}).call)
        worker.end(worker.take(), outcome)
        response = waiting.result(10)
    assert response.status_code == status
    operation.validate_response(response)
