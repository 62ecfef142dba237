"""The stored form of jobs, limits, outcomes and workers: compact JSON texts in Redis.

During an upgrade the API and the worker may have neighbouring versions. Readers therefore ignore unknown
fields, and a new field needs a default. api/public_json.py makes the public JSON, which is another form.
"""

import json
from typing import Any, TypeVar

from jobs.job import Job
from jobs.json_text import encode
from jobs.limits import Limits
from jobs.outcome import ErrorType, JobError, Outcome, SandboxKind, Usage
from store.worker import Worker

_T = TypeVar("_T", Job, Limits, JobError, Usage, Worker)


def encode_job(job: Job) -> str:
    """Return the stored form of a job, its limits included."""
    stored = {"script": job.script, "inputs": job.inputs, "stdin": job.stdin, "limits": _limits(job.limits)}
    return encode(stored)


def decode_job(text: str) -> Job:
    """Return the job from its stored form."""
    stored = json.loads(text)
    return Job(
        stored["script"], stored["inputs"], stored["stdin"], _from_known_fields(Limits, stored["limits"])
    )


def encode_limits(limits: Limits) -> str:
    """Return the stored form of limits."""
    return encode(_limits(limits))


def decode_limits(text: str) -> Limits:
    """Return limits from their stored form."""
    return _from_known_fields(Limits, json.loads(text))


def encode_outcome(outcome: Outcome) -> str:
    """Return the stored form of an outcome."""
    error, usage = outcome.error, outcome.usage
    stored = {
        "result": outcome.result,
        "stdout": outcome.stdout,
        "stderr": outcome.stderr,
        "truncated": {"stdout": outcome.stdout_truncated, "stderr": outcome.stderr_truncated},
        "error": error
        and {
            "type": error.type,
            "message": error.message,
            "line": error.line,
            "traceback": error.traceback,
        },
        "usage": {
            "wall_ms": usage.wall_ms,
            "cpu_ms": usage.cpu_ms,
            "memory_peak_bytes": usage.memory_peak_bytes,
        },
        "sandbox": outcome.sandbox,
    }
    return encode(stored)


def decode_outcome(text: str) -> Outcome:
    """Return the outcome from its stored form."""
    stored = json.loads(text)
    error = stored["error"]
    return Outcome(
        sandbox=SandboxKind(stored["sandbox"]) if stored["sandbox"] else None,
        result=stored["result"],
        error=_from_known_fields(JobError, {**error, "type": ErrorType(error["type"])}) if error else None,
        stdout=stored["stdout"],
        stderr=stored["stderr"],
        stdout_truncated=stored["truncated"]["stdout"],
        stderr_truncated=stored["truncated"]["stderr"],
        usage=_from_known_fields(Usage, stored["usage"]),
    )


def encode_worker(worker: Worker) -> str:
    """Return the stored form of a worker, always the same text for the same worker."""
    return encode({"id": worker.id, "sandbox": worker.sandbox, "detail": worker.detail})


def decode_worker(text: str) -> Worker:
    """Return the worker from its stored form."""
    return _from_known_fields(Worker, json.loads(text))


def _from_known_fields(kind: type[_T], stored: dict[str, Any]) -> _T:
    """Make a value of the type `kind` from the stored fields that the type has."""
    names = kind.__dataclass_fields__
    return kind(**{name: value for name, value in stored.items() if name in names})


def _limits(limits: Limits) -> dict[str, Any]:
    return {
        "timeout": limits.timeout,
        "cpu": limits.cpu,
        "memory_mb": limits.memory_mb,
        "processes": limits.processes,
    }
