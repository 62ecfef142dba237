"""Schemathesis compares the running application with its OpenAPI document."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any, Final
from uuid import uuid4

import pytest
import schemathesis
from flask_openapi3.openapi import OpenAPI
from hypothesis import strategies as st
from schemathesis.engine import events, from_schema

from api.examples import FILES, PROGRAM
from jobs.mode import Mode
from jobs.outcome import ErrorType, JobError, Outcome, SandboxKind
from tests.support.api import SCRIPT, running_app
from tests.support.credentials import NO_KEYS, make_keys
from tests.support.worker import DATA, SUCCESS, StubWorker, working

#: The scripts of the document's examples that define no `main`.
PROGRAMS: Final = (PROGRAM["script"], FILES["script"])

ECHO: Final = "def main(**inputs):\n    return inputs"
FAILURE: Final = Outcome(sandbox=SandboxKind.NSJAIL, error=JobError(ErrorType.TIMEOUT, "too slow"))

CONFIG: Final[dict[str, Any]] = {
    "seed": 1,
    "max-time": 20,
    "generation": {"max-examples": 5, "deterministic": True, "no-shrink": True},
    "checks": {
        # A well-formed script may fail with 422. If it is refused with 400, the document is wrong.
        "positive_data_acceptance": {"expected-statuses": ["2xx", 404, 409, 422]},
        # The job of a DELETE can still be looked up afterwards.
        "use_after_free": {"enabled": False},
        # Schemathesis cannot check this for a WSGI application; test_keys.py does.
        "ignored_auth": {"enabled": False},
    },
}

# A JSON schema cannot require that a string is a program.
schemathesis.openapi.format("python", st.sampled_from([ECHO, SCRIPT, "main = dict"]))
# A JSON schema cannot require that an environment of this name exists.
schemathesis.openapi.format("environment", st.sampled_from(["stdlib", DATA.name]))
# A JSON schema cannot require that all paths differ, and not what a path, a pattern or base64 may be.
schemathesis.openapi.format("file-path", st.builds(lambda: f"files/{uuid4().hex}"))
schemathesis.openapi.format("file-pattern", st.sampled_from(["*.png", "out/**"]))
schemathesis.openapi.format("file-content", st.sampled_from(["", "aGVsbG8K"]))
# A JSON schema cannot require that a string is a cursor from an earlier answer.
schemathesis.openapi.format("cursor", st.sampled_from(["", "1", "7"]))


@schemathesis.hook
def map_body(_context: Any, body: Any) -> Any:
    """Replace the contents of files. Some are generated without regard to their format, and are no base64."""
    for one in body if isinstance(body, list) else [body]:
        for file in (one.get("files") or []) if isinstance(one, dict) else []:
            if isinstance(file, dict) and isinstance(file.get("content"), str):
                file["content"] = "aGVsbG8K"
    return body


@schemathesis.hook
def before_call(_context: Any, case: Any, _arguments: Any) -> None:
    """Replace an example of a program that was given the mode `main`. A schema cannot require a `main` then."""
    body = case.body
    if isinstance(body, dict) and body.get("script") in PROGRAMS and body.get("mode") != Mode.PROGRAM:
        body["script"] = ECHO


@schemathesis.hook
def map_headers(context: Any, headers: Any) -> Any:
    """Remove a header that one operation accepts only beside another. A schema cannot say so."""
    if context.operation.path == "/execute" and headers and "Idempotency-Key" not in headers:
        return {name: value for name, value in headers.items() if name != "Last-Event-ID"}
    return headers


@pytest.mark.parametrize("required", [False, True], ids=["open", "keyed"])
def test_api_keeps_to_its_document_when_requests_are_generated_from_it(
    redis_url: str, required: bool
) -> None:
    credentials, headers = make_keys("shop") if required else (NO_KEYS, [{}])
    config = schemathesis.Config.from_dict(CONFIG | {"headers": headers[0]})
    with closing(StubWorker(redis_url)) as worker:
        worker.announce(DATA)
    with running_app(redis_url, credentials) as app, working(redis_url, SUCCESS, FAILURE):
        schema = schemathesis.openapi.from_wsgi("/openapi.json", app, config=config)
        happened = list(from_schema(schema).execute())
    errors = [event for event in happened if isinstance(event, events.NonFatalError | events.FatalError)]
    records = [event.recorder for event in happened if isinstance(event, events.ScenarioFinished)]
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
    # The last two are generated late, and on a slow machine not in time.
    assert statuses - {204, 415} == {200, 202, 400, 404, 405, 409, 422} | ({401} if required else set())


@pytest.mark.parametrize(("outcome", "status"), [(SUCCESS, 200), (FAILURE, 422)])
def test_execute_keeps_to_the_document_when_the_job_has_run(
    app: OpenAPI, worker: StubWorker, outcome: Outcome, status: int
) -> None:
    operation = schemathesis.openapi.from_wsgi("/openapi.json", app)["/execute"]["POST"]
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(operation.Case(body={"script": ECHO}).call)
        worker.end(worker.take(), outcome)
        response = waiting.result(10)
    assert response.status_code == status
    operation.validate_response(response)
