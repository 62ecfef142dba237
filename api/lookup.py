"""The routes about jobs that were submitted."""

import json
import re
from typing import Annotated, Any, Final

from flask_openapi3.blueprint import APIBlueprint
from pydantic import Field

from api import auth, examples, responses, schemas
from api.dispatch import Dispatcher
from api.errors import InvalidRequest
from api.parameters import Parameters
from api.submission import BATCH
from jobs.limits import MB
from store.errors import BadCursor

#: The longest a look-up may wait, in seconds.
_WAIT_MOST: Final = 60

#: How many jobs are read at once, and the bytes past which no more are: each may have 3 MB.
_STRIDE: Final = 8
_PAGE_BYTES: Final = 4 * MB


class JobPath(Parameters):
    """The path to a job."""

    job_id: Annotated[str, Field(description="The job's `id`.")]


class LookUpQuery(Parameters):
    """How to look a job up."""

    wait: Annotated[
        float,
        Field(
            ge=0,
            le=_WAIT_MOST,
            allow_inf_nan=False,
            description="Seconds to wait for the job to become final.",
        ),
    ] = 0.0


class ListQuery(Parameters):
    """Which jobs to list."""

    ids: Annotated[
        str | None,
        Field(description=f"Those of these ids instead of your latest: up to {BATCH}, as a,b,c."),
    ] = None
    limit: Annotated[
        int, Field(ge=1, le=BATCH, description="The most jobs to list; large ones make it fewer.")
    ] = BATCH
    cursor: Annotated[
        str,
        Field(
            description="`next` of an earlier answer, to go on from there.",
            json_schema_extra={"format": "cursor"},
        ),
    ] = ""


def add_lookup_routes(routes: APIBlueprint, dispatcher: Dispatcher) -> None:
    """Add the routes that look jobs up and cancel them."""

    @routes.get(
        "/jobs",
        summary="List your jobs, the newest first, or those of some ids",
        operation_id="list_jobs",
        responses={
            200: responses.ok(schemas.JobList, "The jobs.", examples.JOBS),
            400: responses.bad_query("limit", BATCH),
        },
    )
    def list_jobs(query: ListQuery) -> dict[str, Any]:
        if query.ids is not None:
            return _of_ids(dispatcher, _split(query.ids), query.limit, query.cursor)
        page = dispatcher.own(auth.owner(), query.limit, query.cursor)
        return _list([record.to_public() for record in page.records], [], page.cursor)

    @routes.get(
        "/jobs/<job_id>",
        summary="Look a job up",
        operation_id="look_up",
        responses={
            200: responses.ok(schemas.Job, "The job, whatever its status.", examples.SUCCEEDED_JOB),
            400: responses.bad_query("wait", _WAIT_MOST),
            404: responses.UNKNOWN_JOB,
        },
    )
    def look_up(path: JobPath, query: LookUpQuery) -> dict[str, Any]:
        return dispatcher.look_up(path.job_id, auth.owner(), query.wait, auth.hung_up).to_public()

    @routes.delete(
        "/jobs/<job_id>",
        summary="Cancel a job, also one that runs",
        operation_id="cancel",
        responses={
            200: responses.ok(schemas.Job, "The job is cancelled.", examples.CANCELLED_JOB),
            404: responses.UNKNOWN_JOB,
            409: responses.ok(
                schemas.FinalJob,
                "The job has already ended; `error` says so, the other fields are the job's.",
                examples.FINAL_JOB,
            ),
        },
    )
    def cancel(path: JobPath) -> dict[str, Any]:
        return dispatcher.cancel(path.job_id, auth.owner()).to_public()


def _split(ids: str) -> list[str]:
    found = list(dict.fromkeys(filter(None, ids.split(","))))
    if len(found) > BATCH:
        raise InvalidRequest(f"ids: {BATCH} are the most", field="ids")
    return found


def _of_ids(dispatcher: Dispatcher, ids: list[str], limit: int, cursor: str) -> dict[str, Any]:
    # Here a cursor is how many of the ids were answered before.
    if not re.fullmatch("[0-9]{0,3}", cursor):
        raise BadCursor
    jobs: list[dict[str, Any]] = []
    unknown: list[str] = []
    answered, size = int(cursor or 0), 0
    left = ids[answered : answered + limit]
    while left and size < _PAGE_BYTES:
        now, left = left[:_STRIDE], left[_STRIDE:]
        records = dispatcher.some(now, auth.owner())
        jobs += [record.to_public() for record in records]
        unknown += [job_id for job_id in now if job_id not in {record.id for record in records}]
        answered += len(now)
        size += sum(len(json.dumps(job)) for job in jobs[-len(records) :] if records)
    return _list(jobs, unknown, str(answered) if answered < len(ids) else "")


def _list(jobs: list[dict[str, Any]], unknown: list[str], cursor: str) -> dict[str, Any]:
    return {"jobs": jobs, "unknown": unknown, "next": cursor or None}
