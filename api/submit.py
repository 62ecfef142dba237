"""The routes that submit jobs."""

from typing import Annotated, Any, Final

from flask_openapi3.blueprint import APIBlueprint
from pydantic import Field

from api import auth, examples, request_log, responses, schemas
from api.dispatch import Dispatcher
from api.parameters import Parameters
from api.submission import Submission, Submissions
from config.settings import Settings
from jobs.status import Status
from store.record import Record

Answer = tuple[dict[str, Any] | list[dict[str, Any]], int, dict[str, str]]

#: What `POST /execute` answers, by where the job stands when the wait is over.
_EXECUTED: Final = {
    Status.QUEUED: 202,
    Status.RUNNING: 202,
    Status.SUCCEEDED: 200,
    Status.FAILED: 422,
    Status.CANCELLED: 422,
}

_LOCATION: Final = "The path to look the job up at."


class SubmitHeaders(Parameters):
    """The headers of a submission."""

    idempotency_key: Annotated[
        str,
        Field(
            alias="Idempotency-Key",
            min_length=1,
            max_length=255,
            default_factory=str,
            description="Chosen by the client: the same key with the same body is the same job, for a day.",
        ),
    ]


def add_submit_routes(routes: APIBlueprint, dispatcher: Dispatcher, settings: Settings) -> None:
    """Add the routes that submit jobs."""

    @routes.post(
        "/execute",
        summary="Run a script and wait for its end",
        operation_id="execute",
        responses={
            200: responses.ok(schemas.Job, "The script ran and returned.", examples.SUCCEEDED_JOB),
            202: responses.ok(
                schemas.Job, "The wait ended before the job did.", examples.QUEUED_JOB, Location=_LOCATION
            ),
            422: responses.ok(
                schemas.Job, "The script ran and failed, or was cancelled.", examples.FAILED_JOB
            ),
            **responses.WITH_SUBMISSION,
        },
    )
    def execute(header: SubmitHeaders, body: Submission) -> Answer:
        dispatcher.need_room(1, auth.owner(), header.idempotency_key)
        job = body.to_valid_job(settings, restricted=dispatcher.restricted())
        record = dispatcher.execute(
            job, body.lane(interactive=True), auth.owner(), header.idempotency_key, auth.hung_up
        )
        request_log.concerns(record.id)
        status = _EXECUTED[record.status]
        return record.to_public(), status, _location(record) if status == 202 else {}

    @routes.post(
        "/jobs",
        summary="Queue a script, or a list of them",
        operation_id="submit",
        responses={
            202: responses.accepted(_LOCATION),
            **responses.WITH_SUBMISSION,
        },
    )
    def submit(header: SubmitHeaders, body: Submissions) -> Answer:
        dispatcher.need_room(len(body), auth.owner(), header.idempotency_key)
        jobs = body.to_jobs(settings, restricted=dispatcher.restricted())
        lanes = [submission.lane() for submission in body]
        records = dispatcher.enqueue(jobs, lanes, auth.owner(), header.idempotency_key)
        if body.is_list:
            return [record.to_public() for record in records], 202, {}
        request_log.concerns(records[0].id)
        return records[0].to_public(), 202, _location(records[0])


def _location(record: Record) -> dict[str, str]:
    return {"Location": f"/jobs/{record.id}"}
