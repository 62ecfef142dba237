"""The routes that list, look up and cancel jobs."""

from contextlib import nullcontext
from typing import Annotated, Any, Final

from pydantic import Field

from api import auth, client, examples, responses, schemas, tags
from api.errors import InvalidRequest
from api.job_service import JobService, known
from api.parameters import PLAIN_NUMBER, Parameters, Query
from api.public_json import job_object
from api.routes import Routes
from api.submission import BATCH
from api.waits import Waits
from jobs.status import Status
from store.job_store import JobStore

#: The longest wait of a look-up, in seconds.
_WAIT_MOST: Final = 60


class JobPath(Parameters):
    """The path of a job."""

    job_id: Annotated[str, Field(description="The job's `id`.")]


class LookUpQuery(Query):
    """The query of a look-up."""

    wait: Annotated[
        float,
        Field(
            ge=0,
            le=_WAIT_MOST,
            allow_inf_nan=False,
            description="Seconds to wait for the job to become final.",
        ),
        PLAIN_NUMBER,
    ] = 0.0


class ListQuery(Query):
    """The query of a listing."""

    ids: Annotated[
        str | None,
        Field(description=f"List these jobs instead of your latest: up to {BATCH} ids, as a,b,c."),
    ] = None
    status: Annotated[
        str | None,
        Field(
            description=f"List only jobs with these statuses, as a,b: {', '.join(Status)}. A page may be "
            "empty although `next` is not null.",
            json_schema_extra={"pattern": f"^({'|'.join(Status)})(,({'|'.join(Status)}))*$"},
        ),
    ] = None
    limit: Annotated[
        int,
        Field(ge=1, le=BATCH, description="The most jobs in the answer; fewer where outcomes are large."),
        PLAIN_NUMBER,
    ] = BATCH
    cursor: Annotated[
        str,
        Field(
            description="`next` of an earlier answer: list the jobs after it.",
            json_schema_extra={"format": "cursor"},
        ),
    ] = ""


def add_lookup_routes(routes: Routes, store: JobStore, service: JobService, waits: Waits) -> None:
    """Add the routes that list, look up and cancel jobs."""

    @routes.get(
        "/jobs",
        summary="List your jobs, the newest first, or the jobs with some ids or statuses",
        operation_id="list_jobs",
        tags=[tags.JOBS],
        responses={
            200: responses.ok(schemas.JobList, "The jobs.", examples.JOBS),
            400: responses.bad_query("limit", BATCH),
            429: responses.TOO_MANY_WAITS,
        },
    )
    def list_jobs(query: ListQuery) -> dict[str, Any]:
        ids = None if query.ids is None else _split(query.ids)
        statuses = None if query.status is None else _statuses(query.status)
        page = store.list(
            owner=auth.owner(), limit=query.limit, cursor=query.cursor, ids=ids, statuses=statuses
        )
        return {
            "jobs": [job_object(record) for record in page.records],
            "unknown": page.unknown,
            "next": page.cursor or None,
        }

    @routes.get(
        "/jobs/<job_id>",
        summary="Look a job up",
        operation_id="look_up",
        tags=[tags.JOBS],
        responses={
            200: responses.ok(schemas.Job, "The job, whatever its status.", examples.SUCCEEDED_JOB),
            400: responses.bad_query("wait", _WAIT_MOST),
            404: responses.UNKNOWN_JOB,
            429: responses.TOO_MANY_WAITS,
        },
    )
    def look_up(path: JobPath, query: LookUpQuery) -> dict[str, Any]:
        with waits.place(auth.owner()) if query.wait else nullcontext():
            record = service.look_up(path.job_id, auth.owner(), query.wait, client.has_left)
        return job_object(record)

    @routes.delete(
        "/jobs/<job_id>",
        summary="Cancel a job, queued or running",
        operation_id="cancel",
        tags=[tags.JOBS],
        responses={
            200: responses.ok(schemas.Job, "The job is cancelled.", examples.CANCELLED_JOB),
            404: responses.UNKNOWN_JOB,
            409: responses.ok(
                schemas.FinalJob,
                "The job has already ended. `error` is the reason of the refusal, the rest is the job.",
                examples.FINAL_JOB,
            ),
            429: responses.TOO_MANY_WAITS,
        },
    )
    def cancel(path: JobPath, query: Query) -> dict[str, Any]:  # noqa: ARG001
        return job_object(known(store.cancel(path.job_id, owner=auth.owner())))


def _split(ids: str) -> list[str]:
    found = list(dict.fromkeys(filter(None, ids.split(","))))
    if len(found) > BATCH:
        raise InvalidRequest(f"ids: at most {BATCH} ids", field="ids")
    return found


def _statuses(names: str) -> list[Status]:
    found = list(dict.fromkeys(names.split(",")))
    if not set(found) <= set(Status):
        raise InvalidRequest(
            f"status: must be one or more of {', '.join(Status)}, with commas between them", field="status"
        )
    return [Status(name) for name in found]
