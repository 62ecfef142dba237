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
FILES: Final[dict[str, Any]] = {
    "script": 'text = "Hello, " + open("name.txt").read()\nprint(text)\nopen("out.txt", "w").write(text)\n',
    "mode": "program",
    "files": [{"path": "name.txt", "content": "world"}],
    "artifacts": ["out.txt"],
}
#: The bodies of requests by path, as the document shows them.
BODIES: Final[dict[str, dict[str, Any]]] = {
    "/execute": {
        "examples": {
            "main": {"summary": "A script with main", "value": SUBMISSION},
            "program": {"summary": "A program with an argument", "value": PROGRAM},
            "files": {"summary": "A program that reads a file and leaves another", "value": FILES},
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
    "artifacts": [],
    "artifacts_truncated": False,
    "environment": "stdlib",
    "environment_digest": None,
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
EVENT: Final = {"event": "stdout", "id": "1-3-0-running", "data": '{"text":"hi\\n","offset":0}'}
JOBS: Final[dict[str, Any]] = {"jobs": [SUCCEEDED_JOB], "unknown": [], "next": None}
ENVIRONMENTS: Final[list[dict[str, Any]]] = [
    {
        "name": "data",
        "python": "3.11.7",
        "digest": "sha256:6c1e2d0c9a4f1e5b7d3a8f0b2c4d6e8f0a1b3c5d7e9f1a2b4c6d8e0f2a3b5c7d",
        "packages": [{"name": "numpy", "version": "2.4.6", "license": "BSD-3-Clause"}],
        "modules": ["numpy"],
        "preloaded": ["numpy"],
    },
    {
        "name": "stdlib",
        "python": "3.11.7",
        "digest": None,
        "packages": [],
        "modules": [],
        "preloaded": [],
    },
]
QUEUE: Final[dict[str, Any]] = {
    "at": "2026-01-31T12:00:30.000Z",
    "queued": [
        {"priority": "high", "interactive": True, "jobs": 0},
        {"priority": "high", "interactive": False, "jobs": 0},
        {"priority": "normal", "interactive": True, "jobs": 1},
        {"priority": "normal", "interactive": False, "jobs": 12},
        {"priority": "low", "interactive": True, "jobs": 0},
        {"priority": "low", "interactive": False, "jobs": 0},
    ],
    "running": 2,
    "workers": [
        {
            "id": "host-1",
            "sandbox": "nsjail",
            "detail": "namespaces, seccomp, cgroup v2",
            "environments": ["data", "stdlib"],
            "version": "1.0.0",
            "python": "3.11.7",
            "jobs_at_once": 2,
            "started_at": "2026-01-31T09:30:00.000Z",
            "seen_at": "2026-01-31T12:00:29.000Z",
            "gone": False,
        }
    ],
    "intervals": [
        {
            "start_at": "2026-01-31T11:59:00.000Z",
            "end_at": "2026-01-31T12:00:00.000Z",
            "submitted": 3.5,
            "finished": 3.3,
            "failed": 0.1,
            "waits": {"mean_ms": 40.2, "p50_ms": 4.1, "p95_ms": 210.0},
            "runs": {"mean_ms": 12.7, "p50_ms": 3.9, "p95_ms": 48.0},
            "queued": 13,
            "running": 2,
        }
    ],
    "totals": {
        "submitted": 8400,
        "succeeded": 8200,
        "failed": 180,
        "cancelled": 5,
        "failures": {"exception": 150, "timeout": 30},
    },
    "jobs": [
        {
            "id": "5f0c9d2ab7a44f6c8a4ce0f4d1a7c3e1",
            "status": "failed",
            "error_type": "exception",
            "mode": "program",
            "environment": "stdlib",
            "created_at": "2026-01-31T12:00:00.000Z",
            "queued_ms": 2,
            "run_ms": 4,
        }
    ],
}
