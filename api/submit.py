"""The routes that submit jobs."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import Annotated, Any, Final

from flask import Response
from pydantic import Field

from api import auth, client, examples, request_log, responses, schemas, tags
from api.errors import InvalidRequest
from api.job_service import JobService
from api.parameters import Parameters, Query
from api.public_json import job_object
from api.routes import Routes
from api.streams import LastEventId, Streams, asks_for_events, has_ended, no_more_events
from api.submission import Submission, Submissions
from api.waits import Waits
from config.settings import Settings
from jobs.status import Status
from store.record import Record

Answer = tuple[dict[str, Any] | list[dict[str, Any]], int, dict[str, str]]

#: The HTTP status of `POST /execute` by the status of the job when the wait is over.
_HTTP_STATUSES: Final = {
    Status.QUEUED: 202,
    Status.RUNNING: 202,
    Status.SUCCEEDED: 200,
    Status.FAILED: 422,
    Status.CANCELLED: 422,
}

_LOCATION: Final = "The path of the job."


class SubmitHeaders(Parameters):
    """The headers of a submission."""

    idempotency_key: Annotated[
        str,
        Field(
            alias="Idempotency-Key",
            min_length=1,
            max_length=255,
            default_factory=str,
            description="Chosen by the client. Until a job expires, the same key and body are the same job.",
        ),
    ]


class ExecuteHeaders(SubmitHeaders):
    """The headers of `POST /execute`."""

    last_event_id: LastEventId


def add_submit_routes(
    routes: Routes, service: JobService, waits: Waits, streams: Streams, settings: Settings
) -> None:
    """Add the routes that submit jobs."""

    @routes.post(
        "/execute",
        summary="Run a script and wait for the result",
        operation_id="execute",
        tags=[tags.RUN],
        responses={
            200: responses.executed(_LOCATION),
            204: responses.NO_MORE_EVENTS,
            202: responses.ok(
                schemas.Job, "The wait ended before the job did.", examples.QUEUED_JOB, Location=_LOCATION
            ),
            422: responses.ok(
                schemas.Job, "The script ran and failed, or was cancelled.", examples.FAILED_JOB
            ),
            **responses.WITH_SUBMISSION,
        },
    )
    def execute(
        header: ExecuteHeaders,
        query: Query,  # noqa: ARG001
        body: Submission,
    ) -> Callable[[], Answer] | Response:
        if asks_for_events():
            return execute_and_follow(header, body)
        with ExitStack() as stack:
            stack.enter_context(waits.place(auth.owner()))
            service.check_admission(1, auth.owner(), header.idempotency_key)
            job = body.to_valid_job(settings, partial(service.check, owner=auth.owner()))
            wait = stack.enter_context(
                service.submit_awaited(
                    job, body.queue_class(interactive=True), auth.owner(), header.idempotency_key
                )
            )
            mode, held = body.mode, stack.pop_all()

        def answer() -> Answer:
            if connection := client.connection():
                # Nothing refers to the body any more: see `api.app`.
                connection.release()
            with held:
                record = wait(client.has_left)
            request_log.set_job(record.id, mode, record.environment)
            status = _HTTP_STATUSES[record.status]
            return job_object(record), status, _location(record) if status == 202 else {}

        return answer

    def execute_and_follow(header: ExecuteHeaders, body: Submission) -> Response:
        if has_ended(header.last_event_id):
            return no_more_events()
        if header.last_event_id and not header.idempotency_key:
            # Some clients repeat a POST when they connect again.
            raise InvalidRequest(
                "Last-Event-ID: this would run the script again: GET the events of the job, or send an "
                "Idempotency-Key",
                field="Last-Event-ID",
            )
        owner, key = auth.owner(), header.idempotency_key
        with ExitStack() as held:
            held.enter_context(streams.place(owner))
            service.check_admission(1, owner, key)
            job = replace(body.to_valid_job(settings, partial(service.check, owner=owner)), stream=True)
            [record] = service.enqueue([job], [body.queue_class(interactive=True)], owner, key)
            request_log.set_job(record.id, job.mode, job.environment)
            response = streams.follow(record.id, owner, header.last_event_id, held)
        response.headers.extend(_location(record))
        return response

    @routes.post(
        "/jobs",
        summary="Queue a script, or a list of them",
        operation_id="submit",
        tags=[tags.RUN],
        responses={
            202: responses.accepted(_LOCATION),
            **responses.WITH_SUBMISSION,
        },
    )
    def submit(header: SubmitHeaders, query: Query, body: Submissions) -> Answer:  # noqa: ARG001
        service.check_admission(len(body), auth.owner(), header.idempotency_key)
        with waits.place(auth.owner()):
            jobs = body.to_jobs(settings, partial(service.check, owner=auth.owner()))
        classes = [submission.queue_class() for submission in body]
        records = service.enqueue(jobs, classes, auth.owner(), header.idempotency_key)
        if body.is_list:
            return [job_object(record) for record in records], 202, {}
        request_log.set_job(records[0].id, jobs[0].mode, jobs[0].environment)
        return job_object(records[0]), 202, _location(records[0])


def _location(record: Record) -> dict[str, str]:
    return {"Location": f"/jobs/{record.id}"}
