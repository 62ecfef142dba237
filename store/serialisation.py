"""The stored form of jobs, limits, outcomes, workers and environments: compact JSON texts in Redis.

During an upgrade the API and the worker may have neighbouring versions. Readers therefore ignore unknown
fields, and a new field needs a default. api/public_json.py makes the public JSON, which is another form.

In an outcome, each value that can be large is on a line of its own. A compact JSON text has no line break, so
a reader takes these values out without decoding them.
"""

import json
from dataclasses import asdict, replace
from hashlib import sha256
from typing import Any, TypeVar

from jobs.environment import STDLIB, Environment, Package
from jobs.files import Artifact
from jobs.job import Job
from jobs.json_text import JSONText, encode
from jobs.limits import Limits
from jobs.mode import Mode
from jobs.outcome import ErrorType, JobError, Outcome, SandboxKind, Usage
from store.stored_outcome import StoredError, StoredOutcome
from store.worker import Worker

_T = TypeVar("_T", Limits, Package, Usage, Worker)


def encode_job(job: Job) -> str:
    """Return the stored form of a job, its limits included.

    Of each file it has the path, the size and the SHA-256; the contents are stored apart.

    A job in mode `main` has neither `mode` nor `argv` there, a job in `stdlib` no `environment`, and so on.
    So it equals the form of an earlier version, and a submission that is repeated after an upgrade has the
    same digest for its idempotency key.
    """
    stored: dict[str, Any] = {
        "script": job.script,
        "inputs": job.inputs,
        "stdin": job.stdin,
        "limits": _limits(job.limits),
    }
    if job.mode is not Mode.MAIN:
        stored |= {"mode": job.mode, "argv": job.argv}
    if job.environment != STDLIB:
        stored["environment"] = job.environment
    if job.files:
        stored["files"] = [
            {"path": one.path, "size": len(one.content), "sha256": sha256(one.content).hexdigest()}
            for one in job.files
        ]
    if job.artifacts:
        stored["artifacts"] = job.artifacts
    if job.stream:
        stored["stream"] = True
    return encode(stored)


def decode_job(text: str) -> tuple[Job, int]:
    """Return the job from its stored form, without its files, and the number of its files."""
    stored = json.loads(text)
    job = Job(
        stored["script"],
        stored["inputs"],
        stored["stdin"],
        _from_known_fields(Limits, stored["limits"]),
        Mode(stored.get("mode", Mode.MAIN)),
        tuple(stored.get("argv", ())),
        stored.get("environment", STDLIB),
        artifacts=tuple(stored.get("artifacts", ())),
        stream=stored.get("stream", False),
    )
    return job, len(stored.get("files", ()))


def encode_limits(limits: Limits) -> str:
    """Return the stored form of limits."""
    return encode(_limits(limits))


def decode_limits(text: str) -> Limits:
    """Return limits from their stored form."""
    return _from_known_fields(Limits, json.loads(text))


def encode_outcome(outcome: Outcome) -> str:
    """Return the stored form of an outcome."""
    usage = outcome.usage
    small: dict[str, Any] = {
        "truncated": {"stdout": outcome.stdout_truncated, "stderr": outcome.stderr_truncated},
        "usage": {
            "wall_ms": usage.wall_ms,
            "cpu_ms": usage.cpu_ms,
            "memory_peak_bytes": usage.memory_peak_bytes,
        },
        "sandbox": outcome.sandbox,
        "exit_code": outcome.exit_code,
    }
    if outcome.environment_digest is not None:
        small["environment_digest"] = outcome.environment_digest
    if outcome.artifacts or outcome.artifacts_truncated:
        small["artifacts"] = [
            {"path": one.path, "size": one.size, "sha256": one.sha256} for one in outcome.artifacts
        ]
        small["truncated"]["artifacts"] = outcome.artifacts_truncated
    large = {"result": outcome.result, "stdout": outcome.stdout, "stderr": outcome.stderr}
    return _with_lines(small, large, f',"error":{_encode_error(outcome.error)}')


def _encode_error(error: JobError | None) -> str:
    if error is None:
        return "null"
    small = {"type": error.type, "message": error.message, "line": error.line}
    return _with_lines(small, {"traceback": error.traceback})


def _with_lines(small: dict[str, Any], large: dict[str, Any], end: str = "") -> str:
    """Return the JSON object of all fields, with each large value on a line of its own."""
    lines = "".join(f',"{name}":\n{encode(value)}\n' for name, value in large.items())
    return f"{encode(small)[:-1]}{lines}{end}}}"


def decode_outcome(text: bytes) -> StoredOutcome:
    """Return the outcome from its stored form."""
    # Every second line is a large value. In the rest, its number takes its place.
    lines = text.split(b"\n")
    large = lines[1::2]
    rest = lines[0] + b"".join(b"%d%b" % numbered for numbered in enumerate(lines[2::2]))
    stored = json.loads(rest.decode())

    def take(value: Any) -> JSONText:
        # A neighbouring version stores all of it on one line.
        return JSONText(large[value] if large else encode(value).encode())

    error = stored["error"]
    return StoredOutcome(
        sandbox=SandboxKind(stored["sandbox"]) if stored["sandbox"] else None,
        result=take(stored["result"]),
        error=error
        and StoredError(ErrorType(error["type"]), error["message"], error["line"], take(error["traceback"])),
        stdout=take(stored["stdout"]),
        stderr=take(stored["stderr"]),
        stdout_truncated=stored["truncated"]["stdout"],
        stderr_truncated=stored["truncated"]["stderr"],
        usage=_from_known_fields(Usage, stored["usage"]),
        exit_code=stored.get("exit_code"),
        environment_digest=stored.get("environment_digest"),
        artifacts=tuple(
            Artifact(one["path"], one["size"], one["sha256"]) for one in stored.get("artifacts", ())
        ),
        artifacts_truncated=stored["truncated"].get("artifacts", False),
    )


def encode_worker(worker: Worker) -> str:
    """Return the stored form of a worker, always the same text for the same worker."""
    return encode(asdict(worker))


def decode_worker(text: str) -> Worker:
    """Return the worker from its stored form."""
    stored = json.loads(text)
    worker = _from_known_fields(Worker, stored)
    return replace(worker, environments=tuple(worker.environments))


def encode_environment(environment: Environment) -> str:
    """Return the stored form of an environment, always the same text for the same environment."""
    return encode(asdict(environment))


def decode_environment(text: str) -> Environment:
    """Return the environment from its stored form."""
    stored = json.loads(text)
    return Environment(
        stored["name"],
        stored["python"],
        stored["digest"],
        tuple(_from_known_fields(Package, package) for package in stored["packages"]),
        tuple(stored["modules"]),
        tuple(stored["preloaded"]),
    )


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
