"""Examples of requests and answers for the OpenAPI document. A test posts the requests."""

from typing import Any, Final

SUBMISSION: Final[dict[str, Any]] = {
    "script": 'def main(name):\n    print(f"Hello, {name}")\n    return {"letters": len(name)}\n',
    "inputs": {"name": "world"},
}
PROGRAM: Final[dict[str, Any]] = {
    "script": 'import sys\n\nprint(f"Hello, {sys.argv[1]}")\n',
    "mode": "program",
    "argv": ["world"],
}
#: The bodies of requests by path, as the document shows them.
BODIES: Final[dict[str, dict[str, Any]]] = {
    "/execute": {
        "examples": {
            "main": {"summary": "A script with main", "value": SUBMISSION},
            "program": {"summary": "A program with an argument", "value": PROGRAM},
        }
    },
    "/jobs": {
        "examples": {
            "one": {"summary": "One script", "value": SUBMISSION},
            "list": {
                "summary": "A list of scripts",
                "value": [SUBMISSION, {**SUBMISSION, "inputs": {"name": "moon"}, "priority": "low"}],
            },
        }
    },
}
QUEUED_JOB: Final[dict[str, Any]] = {
    "id": "5f0c9d2ab7a44f6c8a4ce0f4d1a7c3e1",
    "status": "queued",
    "result": None,
    "stdout": None,
    "stderr": None,
    "truncated": {"stdout": False, "stderr": False},
    "error": None,
    "usage": {"wall_ms": None, "cpu_ms": None, "memory_peak_bytes": None, "queued_ms": None},
    "exit_code": None,
    "sandbox": None,
    "limits": {"timeout": 5.0, "cpu": 5.0, "memory_mb": 256, "processes": 32},
    "created_at": "2026-01-31T12:00:00.000Z",
    "started_at": None,
    "finished_at": None,
}
SUCCEEDED_JOB: Final[dict[str, Any]] = {
    **QUEUED_JOB,
    "status": "succeeded",
    "result": {"ok": True},
    "stdout": "hi\n",
    "stderr": "",
    "usage": {"wall_ms": 1.9, "cpu_ms": 1.1, "memory_peak_bytes": 9437184, "queued_ms": 2},
    "exit_code": 0,
    "sandbox": "nsjail",
    "started_at": "2026-01-31T12:00:00.002Z",
    "finished_at": "2026-01-31T12:00:00.004Z",
}
FAILED_JOB: Final[dict[str, Any]] = {
    **SUCCEEDED_JOB,
    "status": "failed",
    "result": None,
    "error": {
        "type": "exception",
        "message": "ZeroDivisionError: division by zero",
        "line": 2,
        "traceback": 'Traceback (most recent call last):\n  File "script.py", line 2, in main\n'
        "ZeroDivisionError: division by zero\n",
    },
    "exit_code": 1,
}
CANCELLED_JOB: Final[dict[str, Any]] = {
    **QUEUED_JOB,
    "status": "cancelled",
    "finished_at": "2026-01-31T12:00:01.000Z",
}
FINAL_JOB: Final[dict[str, Any]] = {
    **SUCCEEDED_JOB,
    "error": {"type": "already_final", "message": "the job has already succeeded"},
}
JOBS: Final[dict[str, Any]] = {"jobs": [SUCCEEDED_JOB], "unknown": [], "next": None}
