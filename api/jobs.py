"""The routes about jobs."""

from typing import Annotated, Any, Final

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from api import answers
from api.dispatch import Dispatcher
from api.submission import Submission
from config.settings import Settings
from records.record import Record, Status
from sandbox.validation import validate

Answer = tuple[dict[str, Any], int, dict[str, str]]

#: What `POST /execute` answers, by where the job stands when the wait is over.
_EXECUTED: Final = {
    Status.QUEUED: 202,
    Status.RUNNING: 202,
    Status.SUCCEEDED: 200,
    Status.FAILED: 422,
    Status.CANCELLED: 422,
}

_LOCATION: Final = "The path to look the job up at."


class SubmitHeaders(BaseModel):
    """The headers of a submission."""

    idempotency_key: Annotated[
        str,
        Field(
            alias="Idempotency-Key",
            min_length=1,
            max_length=255,
            default_factory=str,
            description="Chosen by the client: the same key with the same body is the same job.",
        ),
    ]


class JobPath(BaseModel):
    """The path to a job."""

    job_id: Annotated[str, Field(description="The job's `id`.")]


class LookUpQuery(BaseModel):
    """How to look a job up."""

    wait: Annotated[
        float,
        Field(
            ge=0,
            le=60,
            allow_inf_nan=False,
            description="Seconds to wait for the job to become final.",
        ),
    ] = 0.0


def job_routes(dispatcher: Dispatcher, settings: Settings) -> APIBlueprint:
    """Return the routes that submit jobs and look them up."""
    routes = APIBlueprint("jobs", __name__, abp_tags=[Tag(name="jobs")], abp_responses=answers.ANY)

    @routes.post(
        "/execute",
        summary="Run a script and wait for its end",
        operation_id="execute",
        responses={
            200: answers.ok(answers.Job, "The script ran and returned.", answers.SUCCEEDED_JOB),
            202: answers.ok(
                answers.Job, "The wait ended before the job did.", answers.QUEUED_JOB, Location=_LOCATION
            ),
            422: answers.ok(answers.Job, "The script ran and failed.", answers.FAILED_JOB),
            **answers.WITH_BODY,
            **answers.WITH_REDIS,
        },
    )
    def execute(body: Submission) -> Answer:
        job = body.to_job(settings)
        validate(job.script, restricted=dispatcher.restricted())
        record = dispatcher.execute(job)
        status = _EXECUTED[record.status]
        return record.to_public(), status, _location(record) if status == 202 else {}

    @routes.post(
        "/jobs",
        summary="Queue a script",
        operation_id="submit",
        responses={
            202: answers.ok(answers.Job, "The job is queued.", answers.QUEUED_JOB, Location=_LOCATION),
            409: answers.problem(
                "The Idempotency-Key was used for another job.",
                "conflict",
                "this Idempotency-Key was used for another job",
            ),
            **answers.WITH_BODY,
            **answers.WITH_REDIS,
        },
    )
    def submit(header: SubmitHeaders, body: Submission) -> Answer:
        job = body.to_job(settings)
        validate(job.script, restricted=dispatcher.restricted())
        record = dispatcher.enqueue(job, header.idempotency_key)
        return record.to_public(), 202, _location(record)

    @routes.get(
        "/jobs/<job_id>",
        summary="Look a job up",
        operation_id="look_up",
        responses={
            200: answers.ok(answers.Job, "The job, whatever its status.", answers.SUCCEEDED_JOB),
            400: answers.problem(
                "The query is wrong.",
                "invalid_request",
                "wait: Input should be less than or equal to 60",
                field="wait",
            ),
            404: answers.problem(
                "There is no such job, or no longer.", "not_found", "there is no such job, or no longer"
            ),
            **answers.WITH_REDIS,
        },
    )
    def look_up(path: JobPath, query: LookUpQuery) -> dict[str, Any]:
        return dispatcher.look_up(path.job_id, query.wait).to_public()

    return routes


def _location(record: Record) -> dict[str, str]:
    return {"Location": f"/jobs/{record.id}"}
