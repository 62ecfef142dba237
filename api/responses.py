"""The answers of the routes, as the OpenAPI document lists them."""

from typing import Any, Final

from flask_openapi3.types import ResponseDict
from pydantic import BaseModel

from api.events import ID_PATTERN, MIMETYPE, EventName
from api.examples import EVENT as SHOWN_EVENT
from api.examples import QUEUED_JOB, SUCCEEDED_JOB
from api.refusal import RETRY_AFTER, TOO_LARGE
from api.schemas import SCHEMAS, Error, Job


def ok(model: type[BaseModel], description: str, example: Any, **headers: str) -> dict[str, Any]:
    """Return the OpenAPI response with a body of `model`; `headers` maps names to descriptions."""
    return {
        "description": description,
        "headers": {
            name: {"description": text, "required": True, "schema": {"type": "string"}}
            for name, text in headers.items()
        },
        "content": {"application/json": {"schema": {"$ref": SCHEMAS + model.__name__}, "example": example}},
    }


def problem(description: str, type: str, message: str, **more: Any) -> dict[str, Any]:
    """Return the OpenAPI response of an error."""
    return ok(Error, description, {"error": {"type": type, "message": message, **more}})


def bad_query(field: str, most: int) -> dict[str, Any]:
    """Return the OpenAPI response to a query field above its maximum."""
    message = f"{field}: must be at most {most}"
    return problem("The query is wrong.", "invalid_request", message, field=field)


def accepted(location: str) -> dict[str, Any]:
    """Return the OpenAPI response to one submission or a list of them."""
    job = {"$ref": SCHEMAS + Job.__name__}
    return {
        "description": "The job is queued; of a list, all jobs are, in its order, and there is no Location.",
        "headers": {"Location": {"description": location, "schema": {"type": "string"}}},
        "content": {
            "application/json": {
                "schema": {"oneOf": [job, {"type": "array", "items": job}]},
                "example": QUEUED_JOB,
            }
        },
    }


def executed(location: str) -> dict[str, Any]:
    """Return the OpenAPI response to `POST /execute` whose job has succeeded or is followed."""
    return {
        "description": "The script ran and succeeded. With `Accept: text/event-stream`: the events of the "
        "job, however it ends.",
        "headers": {
            "Location": {"description": f"{location} Only with events.", "schema": {"type": "string"}}
        },
        "content": {
            "application/json": {
                "schema": {"$ref": SCHEMAS + Job.__name__},
                "example": SUCCEEDED_JOB,
            },
            **EVENTS["content"],
        },
    }


#: One event. OpenAPI 3.1 has no schema of a whole stream.
_EVENT: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "event": {"enum": list(EventName)},
        "id": {"type": "string", "pattern": ID_PATTERN},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
    "required": ["event", "id", "data"],
}
EVENTS: Final[dict[str, Any]] = {
    "description": "Events until the job is final. Their data are JSON objects. That of `done` is the job.",
    "content": {MIMETYPE: {"schema": _EVENT, "example": SHOWN_EVENT}},
}
NO_MORE_EVENTS: Final[dict[str, Any]] = {
    "description": "The client has got the last event: its id is the Last-Event-ID of the request.",
    "content": {},
}
BAD_EVENT_ID: Final = problem(
    "Last-Event-ID is not the id of an event.",
    "invalid_request",
    "Last-Event-ID: must be the id of an event",
    field="Last-Event-ID",
)

#: The answers of every route, of routes with a key, of submissions, and of routes that need Redis.
ANY: Final[ResponseDict] = {
    405: ok(
        Error,
        "The path does not take this method.",
        {"error": {"type": "method_not_allowed", "message": "PUT /execute: this path takes POST"}},
        Allow="The methods it takes.",
    ),
    421: problem(
        "The service has no keys and does not answer under this host name.",
        "host_not_allowed",
        "the host example.com is not allowed: without API keys, the setting HOSTS must list it",
    ),
    500: problem(
        "The service failed.", "internal_error", "the service failed; this is not the request's fault"
    ),
}
WITH_KEY: Final[ResponseDict] = {
    **ANY,
    401: ok(
        Error,
        "The API key is missing or wrong. Only a service with keys answers this.",
        {"error": {"type": "unauthorized", "message": "this API key is not known"}},
        **{"WWW-Authenticate": "The scheme: `Bearer`."},
    ),
}
UNKNOWN_JOB: Final = problem(
    "There is no such job, or no longer, or it is another key's.",
    "not_found",
    "there is no such job, or no longer",
)
UNKNOWN_ARTIFACT: Final = problem(
    "There is no such job or artifact, or no longer, or it was dropped, or it is another key's.",
    "not_found",
    "there is no such artifact, or no longer",
)
ARTIFACT: Final[dict[str, Any]] = {
    "description": "The bytes of the file.",
    "headers": {
        "Content-Disposition": {
            "description": "`attachment`, with the name of the file.",
            "required": True,
            "schema": {"type": "string"},
        },
        "ETag": {
            "description": "The SHA-256 of the bytes in hexadecimal, in double quotes.",
            "required": True,
            "schema": {"type": "string"},
        },
    },
    "content": {
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}, "example": "HELLO\n"}
    },
}
TOO_MANY_WAITS: Final = ok(
    Error,
    "Too many requests wait, of this key or of all.",
    {"error": {"type": "too_many_waits", "message": "too many requests of this key wait"}},
    **{"Retry-After": "Seconds after which to try again."},
)
WITH_SUBMISSION: Final[ResponseDict] = {
    400: problem(
        "The request or a script was refused before anything was queued: `invalid_request`, "
        "`unknown_environment`, `unsupported`, `syntax_error`, `missing_main`, `forbidden_import` or "
        "`forbidden_syntax`.",
        "syntax_error",
        "'(' was never closed",
        line=2,
        column=10,
    ),
    413: problem("The body is too large.", "too_large", TOO_LARGE),
    409: problem(
        "The Idempotency-Key was used for another body.",
        "conflict",
        "this Idempotency-Key was used for another submission",
    ),
    415: problem("The body is not JSON.", "unsupported_media_type", "the body must be JSON"),
    429: ok(
        Error,
        "Too many jobs are queued, of this key or of all (`queue_full`), the jobs of this key take too many "
        "bytes (`storage_full`), this key submits too fast or its scripts take too long to check "
        "(`rate_limited`), or too many requests wait (`too_many_waits`). Nothing was queued.",
        {
            "error": {
                "type": "queue_full",
                "message": "the queue of this key has no room for the submission (KEY_QUEUED_MAX)",
            }
        },
        **{"Retry-After": "Seconds after which to try again."},
    ),
}
WITH_REDIS: Final[ResponseDict] = {
    503: ok(
        Error,
        "Redis does not answer or no worker consumes (`unavailable`), or Redis is full (`storage_full`).",
        {"error": {"type": "unavailable", "message": "Redis does not answer"}},
        **{"Retry-After": f"Seconds after which to try again: {RETRY_AFTER}."},
    )
}
TEXT: Final[dict[str, Any]] = {
    "description": "The metrics in Prometheus' text format.",
    "content": {
        "text/plain": {
            "schema": {"type": "string"},
            "example": 'python_executor_jobs_queued{priority="normal",interactive="true"} 0.0\n',
        }
    },
}
