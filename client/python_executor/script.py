"""Scripts: what a client asks the service to run."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypedDict
from uuid import uuid4

from python_executor import strict_json

Mode = Literal["main", "program"]
Priority = Literal["low", "normal", "high"]

#: The most characters of an idempotency key.
_LONGEST_KEY: Final = 255


class Options(TypedDict, total=False):
    """The options of a script; the attributes of `Script` describe each."""

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
    """A script and its options. The service chooses a value for each limit that is None.

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

    Raises:
        TypeError: A field has the wrong type. The message names it.
        ValueError: `inputs` or a limit is not JSON. The message has the place.
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

    def __post_init__(self) -> None:
        """Check what the service could not: a string, for example, is a sequence of strings too."""
        for name in ("source", "stdin", "environment"):
            if not isinstance(value := getattr(self, name), str):
                raise TypeError(f"{name} must be a str, not {type(value).__name__}")
        for name in ("argv", "artifacts"):
            _check_list(name, getattr(self, name))
        for name in ("inputs", "files"):
            value = getattr(self, name)
            if value is not None and not isinstance(value, Mapping):
                raise TypeError(f"{name} must be a mapping, not {type(value).__name__}")
        strict_json.check("inputs", dict(self.inputs or {}))
        for name in ("mode", "priority", "timeout", "cpu", "memory_mb", "processes"):
            strict_json.check(name, getattr(self, name))
        for path, content in (self.files or {}).items():
            if not isinstance(path, str):
                raise TypeError(f"files: the path {path!r} is not a str")
            if not isinstance(content, str | bytes | bytearray | memoryview):
                raise TypeError(f"files[{path!r}] must be str or bytes, not {type(content).__name__}")

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


def _check_list(name: str, value: object) -> None:
    if isinstance(value, str | bytes) or not isinstance(value, Sequence):
        raise TypeError(f"{name} must be a sequence of str, not {type(value).__name__}")
    for n, each in enumerate(value):
        if not isinstance(each, str):
            raise TypeError(f"{name}[{n}] must be a str, not {type(each).__name__}")


def make_script(script: str | Script, options: Options) -> Script:
    """Return a script with its options.

    Raises:
        TypeError: It is neither a source nor a `Script`, or a `Script` has options besides its own.
        ValueError: As for `Script`.
    """
    if isinstance(script, str):
        return Script(source=script, **options)
    if not isinstance(script, Script):
        raise TypeError(f"a script must be a str or a Script, not {type(script).__name__}")
    if options:
        raise TypeError(f"a Script has its own options, so these are not allowed: {', '.join(options)}")
    return script


def make_key(idempotency_key: str | None) -> str:
    """Return an idempotency key, a new one for None. Raises ValueError for what cannot be one."""
    if idempotency_key is None:
        return uuid4().hex
    key = idempotency_key
    if not 0 < len(key) <= _LONGEST_KEY or not key.isascii() or not key.isprintable() or key.strip() != key:
        raise ValueError(
            f"idempotency_key must be 1 to {_LONGEST_KEY} printable ASCII characters: {key[:300]!r}"
        )
    return key
