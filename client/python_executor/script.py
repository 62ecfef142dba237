"""Scripts: what a client asks the service to run."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypedDict
from uuid import uuid4

Mode = Literal["main", "program"]
Priority = Literal["low", "normal", "high"]


class Options(TypedDict, total=False):
    """What can be said of a script; the attributes of `Script` describe each."""

    mode: Mode | None
    inputs: Mapping[str, Any] | None
    argv: Sequence[str]
    stdin: str
    environment: str
    files: Mapping[str, str | bytes] | None
    artifacts: Sequence[str]
    timeout: float | None
    cpu: float | None
    memory_mb: int | None
    processes: int | None
    priority: Priority


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A script and how it is run. What is None, the service decides.

    Attributes:
        source: The Python source.
        mode: `program` runs the source from top to bottom; `main` calls its function `main`, which returns a
            dict. None is `main` if there are `inputs`, and otherwise `program`.
        inputs: The keyword arguments of `main`. `{}` calls `main()`.
        argv: `sys.argv[1:]`, in mode `program` only.
        stdin: The standard input.
        environment: The set of packages that the script can import; `stdlib` has none.
        files: The contents of files in the folder of the script, by path.
        artifacts: Patterns of the files to keep, such as `*.png` or `out/**`.
        timeout: Seconds of wall time.
        cpu: Seconds of CPU time.
        memory_mb: Megabytes of memory.
        processes: How many processes and threads there can be at a time.
        priority: Which of the queued jobs go first.
    """

    source: str
    mode: Mode | None = None
    inputs: Mapping[str, Any] | None = None
    argv: Sequence[str] = ()
    stdin: str = ""
    environment: str = "stdlib"
    files: Mapping[str, str | bytes] | None = None
    artifacts: Sequence[str] = ()
    timeout: float | None = None
    cpu: float | None = None
    memory_mb: int | None = None
    processes: int | None = None
    priority: Priority = "normal"

    def to_json(self, *, stream: bool = False) -> dict[str, Any]:
        """Return the body of the request."""
        mode = self.mode or ("program" if self.inputs is None else "main")
        limits = {
            "timeout": self.timeout,
            "cpu": self.cpu,
            "memory_mb": self.memory_mb,
            "processes": self.processes,
        }
        optional = {
            "inputs": dict(self.inputs or {}),
            "argv": list(self.argv),
            "stdin": self.stdin,
            "files": [_file(path, content) for path, content in (self.files or {}).items()],
            "artifacts": list(self.artifacts),
            "limits": {name: value for name, value in limits.items() if value is not None},
            "stream": stream,
        }
        body = {
            "script": self.source,
            "mode": mode,
            "environment": self.environment,
            "priority": self.priority,
        }
        return body | {name: value for name, value in optional.items() if value}


def _file(path: str, content: str | bytes) -> dict[str, str]:
    if isinstance(content, str):
        return {"path": path, "content": content}
    return {"path": path, "content": b64encode(content).decode("ascii"), "encoding": "base64"}


def make_script(script: str | Script, options: Options) -> Script:
    """Return a script with its options. Raises TypeError for a `Script` with options besides its own."""
    if isinstance(script, str):
        return Script(source=script, **options)
    if options:
        raise TypeError(f"a Script has its own options, so these are not allowed: {', '.join(options)}")
    return script


def make_key(idempotency_key: str | None) -> str:
    """Return an idempotency key, a new one for None."""
    return uuid4().hex if idempotency_key is None else idempotency_key
