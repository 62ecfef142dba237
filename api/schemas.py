"""The bodies of answers, as the OpenAPI document describes them."""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, Field, RootModel
from pydantic.json_schema import models_json_schema

from jobs.mode import Mode
from jobs.outcome import ErrorType, SandboxKind
from jobs.status import Status
from store.queue_class import Priority

SCHEMAS: Final = "#/components/schemas/"


def _no_default(schema: dict[str, Any]) -> None:
    del schema["default"]


class Truncated(BaseModel):
    """Which output was longer than its limit."""

    stdout: Annotated[bool, Field(description="stdout was longer than its limit; the rest was dropped.")]
    stderr: Annotated[bool, Field(description="stderr was longer than its limit; the rest was dropped.")]


class Artifact(BaseModel):
    """A file that the job left and that the request asked for."""

    path: Annotated[str, Field(description="Its path, for `GET /jobs/{id}/artifacts/{path}`.")]
    media_type: Annotated[str, Field(description="Its type, by the ending of its name.")]
    size: Annotated[int, Field(description="Its length in bytes.")]
    sha256: Annotated[
        str | None, Field(description="The SHA-256 of its bytes in hexadecimal, null if it was dropped.")
    ]
    dropped: Annotated[
        Literal[True],
        Field(
            description="Its bytes were not kept, because it did not fit the limits. Left out of others.",
            json_schema_extra=_no_default,
        ),
    ] = True


class JobError(BaseModel):
    """Why a job failed."""

    type: Annotated[ErrorType, Field(description="The reason, for programs.")]
    message: Annotated[str, Field(description="The reason, for a person.")]
    line: Annotated[int | None, Field(description="The line of the script, counted from 1.")]
    traceback: Annotated[str | None, Field(description="The script's own frames.")]


class Usage(BaseModel):
    """What a job used. A value is null where nothing measured it."""

    wall_ms: Annotated[float | None, Field(description="Milliseconds from the hand-over to the end.")]
    cpu_ms: Annotated[float | None, Field(description="Milliseconds of CPU time.")]
    memory_peak_bytes: Annotated[int | None, Field(description="The most memory in use at once, in bytes.")]
    queued_ms: Annotated[float | None, Field(description="Milliseconds in the queue.")]


class JobLimits(BaseModel):
    """The limits of a job."""

    timeout: Annotated[float, Field(description="Seconds of wall time.")]
    cpu: Annotated[float, Field(description="Seconds of CPU time.")]
    memory_mb: Annotated[int, Field(description="MiB of memory.")]
    processes: Annotated[int, Field(description="Processes and threads alive at once.")]


_Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]


class Job(BaseModel):
    """A job. Fields without a value are null."""

    id: Annotated[str, Field(description="The id, for `GET /jobs/{id}`.")]
    status: Annotated[Status, Field(description="The state of the job.")]
    result: Annotated[
        dict[str, Any] | None, Field(description="What `main()` returned, null in mode `program`.")
    ]
    stdout: Annotated[str | None, Field(description="What the script printed.")]
    stderr: Annotated[str | None, Field(description="What the script printed to standard error.")]
    truncated: Annotated[Truncated, Field(description="Which output is incomplete.")]
    error: Annotated[JobError | None, Field(description="Why the job failed.")]
    usage: Annotated[Usage, Field(description="What the job used.")]
    exit_code: Annotated[
        int | None, Field(description="The exit code of the script, null if it did not end by itself.")
    ]
    artifacts: Annotated[
        list[Artifact], Field(description="The files that the request asked for, sorted by path.")
    ]
    artifacts_truncated: Annotated[
        bool, Field(description="Whether there may be more such files than `artifacts` lists.")
    ]
    environment: Annotated[str, Field(description="The environment of the script.")]
    environment_digest: Annotated[
        str | None,
        Field(description="The digest of the environment that the script had, null for `stdlib`."),
    ]
    sandbox: Annotated[SandboxKind | None, Field(description="The kind of sandbox that ran the job.")]
    limits: Annotated[JobLimits, Field(description="The limits of the job.")]
    created_at: Annotated[_Moment, Field(description="When the job was submitted.")]
    started_at: Annotated[_Moment | None, Field(description="When a worker claimed the job.")]
    finished_at: Annotated[_Moment | None, Field(description="When the job became final.")]


class Problem(BaseModel):
    """Why a request was refused. A field without a value is left out."""

    type: Annotated[str, Field(description="The reason, for programs.")]
    message: Annotated[str, Field(description="The reason, for a person: one line.")]
    field: Annotated[
        str,
        Field(
            description="The part of the request that is wrong, as a dotted path.",
            json_schema_extra=_no_default,
        ),
    ] = ""
    line: Annotated[
        int, Field(description="The line of the script, counted from 1.", json_schema_extra=_no_default)
    ] = 0
    column: Annotated[
        int, Field(description="The column of that line, counted from 1.", json_schema_extra=_no_default)
    ] = 0
    name: Annotated[
        str, Field(description="The module that cannot be imported.", json_schema_extra=_no_default)
    ] = ""


class Error(BaseModel):
    """The body of every error answer."""

    error: Annotated[Problem, Field(description="What went wrong.")]


class FinalJob(Job):
    """A job that has ended, so it cannot be cancelled; `error` is the reason of the refusal."""

    error: Annotated[Problem, Field(description="What went wrong.")]  # type: ignore[assignment]


class JobList(BaseModel):
    """Some jobs."""

    jobs: Annotated[list[Job], Field(description="The jobs.")]
    unknown: Annotated[list[str], Field(description="The ids asked for that name no job.")]
    next: Annotated[str | None, Field(description="The `cursor` of the next page, null at the end.")]


class Package(BaseModel):
    """A package of an environment."""

    name: Annotated[str, Field(description="Its name in the package index.")]
    version: Annotated[str, Field(description="Its version.")]
    license: Annotated[str, Field(description="Its licence as its metadata states it, empty if they do not.")]


class Environment(BaseModel):
    """An environment: a set of packages that scripts can import besides the standard library."""

    name: Annotated[str, Field(description="Its name, the `environment` of a request.")]
    python: Annotated[str, Field(description="The version of its interpreter.")]
    digest: Annotated[
        str | None, Field(description="The digest of the lock file of its packages, null for `stdlib`.")
    ]
    packages: Annotated[list[Package], Field(description="Its packages, by name.")]
    modules: Annotated[
        list[str],
        Field(description="The top-level modules that a script can import besides the standard library."),
    ]
    preloaded: Annotated[list[str], Field(description="The modules that are imported before a job starts.")]


class EnvironmentList(RootModel[list[Environment]]):
    """The environments, by name."""


class Live(BaseModel):
    """The process serves requests."""

    status: Annotated[Literal["ok"], Field(description="Always `ok`.")]


class Consumer(BaseModel):
    """A worker that consumes."""

    id: Annotated[str, Field(description="The worker's name.")]
    sandbox: Annotated[str, Field(description="The sandbox it runs jobs in.")]
    detail: Annotated[str, Field(description="The isolation that its jobs get, in words.")]
    environments: Annotated[list[str], Field(description="The environments that its jobs can have.")]


class Ready(BaseModel):
    """The service runs jobs."""

    status: Annotated[Literal["ready"], Field(description="Always `ready`.")]
    workers: Annotated[list[Consumer], Field(description="The workers that consume, at least one.")]


class QueuedJobs(BaseModel):
    """The jobs of one class in the queue."""

    priority: Annotated[Priority, Field(description="Their priority.")]
    interactive: Annotated[bool, Field(description="Whether requests of `/execute` wait for them.")]
    jobs: Annotated[int, Field(description="How many there are, of all keys.")]


class QueueWorker(Consumer):
    """A worker that consumes, or that vanished within the last hour."""

    version: Annotated[str | None, Field(description="The version of the service that it runs.")]
    python: Annotated[str | None, Field(description="The version of its interpreter.")]
    jobs_at_once: Annotated[int | None, Field(description="How many jobs it runs at once.")]
    started_at: Annotated[_Moment | None, Field(description="When it started, by its own clock.")]
    seen_at: Annotated[_Moment, Field(description="When it registered last. It does so every two seconds.")]
    gone: Annotated[
        bool, Field(description="Whether it has vanished: it did not stop, but no longer registers.")
    ]


class Durations(BaseModel):
    """Durations of the jobs that ended in an interval, in milliseconds; null if no job ended."""

    mean_ms: Annotated[float | None, Field(description="The mean.")]
    p50_ms: Annotated[float | None, Field(description="Half of the jobs took at most this, estimated.")]
    p95_ms: Annotated[float | None, Field(description="95 % of the jobs took at most this, estimated.")]


class QueueInterval(BaseModel):
    """What happened in an interval, of about a minute."""

    start_at: Annotated[_Moment, Field(description="When the interval began.")]
    end_at: Annotated[_Moment, Field(description="When it ended.")]
    submitted: Annotated[float, Field(description="Jobs accepted in a second.")]
    finished: Annotated[float, Field(description="Jobs that became final in a second.")]
    failed: Annotated[float, Field(description="Jobs of these that failed in a second.")]
    waits: Annotated[Durations, Field(description="From the submission to the claim, of jobs that ran.")]
    runs: Annotated[Durations, Field(description="From the claim to the end, of jobs that ran.")]
    queued: Annotated[int, Field(description="Jobs in the queue at its end.")]
    running: Annotated[int, Field(description="Jobs running at its end.")]


class QueueTotals(BaseModel):
    """How many jobs there were in the last hour, of all keys."""

    submitted: Annotated[int, Field(description="Jobs accepted.")]
    succeeded: Annotated[int, Field(description="Jobs that succeeded.")]
    failed: Annotated[int, Field(description="Jobs that failed.")]
    cancelled: Annotated[int, Field(description="Jobs that were cancelled.")]
    failures: Annotated[
        dict[str, int], Field(description="Jobs that failed, by `error.type`, the most frequent first.")
    ]


class JobSummary(BaseModel):
    """A job without its outcome."""

    id: Annotated[str, Field(description="The id, for `GET /jobs/{id}`.")]
    status: Annotated[Status, Field(description="The state of the job.")]
    error_type: Annotated[str | None, Field(description="Why it failed: the `error.type` of the job.")]
    mode: Annotated[Mode, Field(description="How the script is run.")]
    environment: Annotated[str, Field(description="The environment of the script.")]
    created_at: Annotated[_Moment, Field(description="When the job was submitted.")]
    queued_ms: Annotated[int | None, Field(description="Milliseconds from the submission to the claim.")]
    run_ms: Annotated[int | None, Field(description="Milliseconds from the claim to the end.")]


class Queue(BaseModel):
    """The queue, the workers, and the last hour."""

    at: Annotated[_Moment, Field(description="When the numbers were read, about a second ago at the most.")]
    queued: Annotated[
        list[QueuedJobs], Field(description="Jobs in the queue by class, the most urgent first.")
    ]
    running: Annotated[int, Field(description="Jobs running, of all keys.")]
    workers: Annotated[
        list[QueueWorker],
        Field(description="The workers that consume, then the workers that vanished within the last hour."),
    ]
    intervals: Annotated[
        list[QueueInterval],
        Field(
            description="The last hour, the oldest minute first. The last one is not over yet. A time "
            "without workers is left out."
        ),
    ]
    totals: Annotated[QueueTotals, Field(description="The last hour in sums.")]
    jobs: Annotated[
        list[JobSummary], Field(description="Your latest jobs, the newest first: 20 at the most.")
    ]


def schemas() -> dict[str, Any]:
    """Return the JSON schema of every answer by its name."""
    models: list[type[BaseModel]] = [Job, FinalJob, JobList, EnvironmentList, Error, Live, Ready, Queue]
    _, schema = models_json_schema(
        [(model, "serialization") for model in models], ref_template=SCHEMAS + "{model}"
    )
    found: dict[str, Any] = schema["$defs"]
    return found
