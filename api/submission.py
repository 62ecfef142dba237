"""The body of a submission: one script, or a list of scripts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Discriminator,
    Field,
    RootModel,
    Tag,
    model_validator,
)
from pydantic_core import PydanticCustomError

from api.errors import InvalidRequest, InvalidScript
from api.field_names import check_names
from api.submitted_files import OBJECT, Files, Patterns, to_files
from config.settings import Settings
from jobs.environment import STDLIB
from jobs.job import Job
from jobs.limits import ARGV_BYTES, ARGV_STRINGS, MEMORY_MB_LEAST, Limits
from jobs.mode import Mode
from store.queue_class import Priority, QueueClass
from store.submission import BATCH_MAX
from validation.errors import Rejection

#: The most submissions one request may hold.
BATCH: Final = BATCH_MAX


def _whole(value: Any) -> Any:
    """Return a whole float as an int. JSON does not tell 5.0 from 5."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


_Whole = Annotated[int, Field(gt=0), BeforeValidator(_whole)]
_Megabytes = Annotated[int, Field(ge=MEMORY_MB_LEAST), BeforeValidator(_whole)]


#: The JSON schema of what a mode excludes: `Submission._check_mode` requires the same. It is no `oneOf`:
#: generators of clients make a class for each choice of a `oneOf`, without the fields that the choices share.
SCHEMA_OF_MODES: Final[dict[str, Any]] = {
    "if": {"properties": {"mode": {"const": Mode.PROGRAM}}, "required": ["mode"]},
    "then": {"properties": {"inputs": {"maxProperties": 0}}},
    "else": {"properties": {"argv": {"maxItems": 0}}},
}


def _argument(text: str) -> str:
    """Return an argument if a system call could pass it to a program."""
    if "\0" in text:
        raise PydanticCustomError("argument", "must not contain a null character")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise PydanticCustomError("argument", "must not contain half of a surrogate pair") from None
    return text


_Argument = Annotated[str, AfterValidator(_argument), Field(json_schema_extra={"pattern": r"^[^\u0000]*$"})]


def _arguments(argv: list[str]) -> list[str]:
    size = sum(len(text.encode()) for text in argv)
    if size > ARGV_BYTES:
        raise PydanticCustomError(
            "arguments",
            "must have at most {most} bytes in UTF-8, not {size}",
            {"most": ARGV_BYTES, "size": size},
        )
    return argv


class _Object(BaseModel):
    """A JSON object of a request."""

    model_config = OBJECT

    @model_validator(mode="before")
    @classmethod
    def _check_names(cls, body: Any) -> Any:
        return check_names(body, cls.model_fields, _paths)


def _paths() -> list[str]:
    return [*Submission.model_fields, *(f"limits.{name}" for name in AskedLimits.model_fields)]


class AskedLimits(_Object):
    """The limits that a request asks for. A missing or null limit has its default."""

    timeout: Annotated[float | None, Field(gt=0, description="Seconds of wall time.")] = None
    cpu: Annotated[
        float | None,
        Field(gt=0, description="Seconds of CPU time of all processes together; by default the timeout."),
    ] = None
    memory_mb: Annotated[
        _Megabytes | None, Field(description="MiB of memory of all processes and `/tmp` together.")
    ] = None
    processes: Annotated[_Whole | None, Field(description="Processes and threads alive at once.")] = None

    def resolve(self, settings: Settings) -> Limits:
        """Return the limits of the job.

        Raises:
            InvalidRequest: A limit is above the operator's ceiling.
        """
        ceilings = self.ceilings(settings)
        for name, asked in self:
            if asked is not None and asked > ceilings[name]:
                field = f"limits.{name}"
                raise InvalidRequest(f"{field}: must be at most {ceilings[name]:g}", field=field)
        timeout = self.timeout or settings.timeout
        return Limits(
            timeout=timeout,
            cpu=self.cpu or min(timeout, settings.cpu_max),
            memory_mb=self.memory_mb or settings.memory_mb,
            processes=self.processes or settings.processes,
        )

    @staticmethod
    def ceilings(settings: Settings) -> dict[str, float]:
        """Return the operator's ceiling of each limit."""
        return {
            "timeout": settings.timeout_max,
            "cpu": settings.cpu_max,
            "memory_mb": settings.memory_mb_max,
            "processes": settings.processes_max,
        }


class Submission(_Object):
    """A script to run, with its input and limits."""

    script: Annotated[
        str,
        Field(
            description="Python source. In mode `main` it defines `main`.",
            json_schema_extra={"format": "python"},
        ),
    ]
    mode: Annotated[
        Mode,
        Field(
            strict=False,
            description="`main`: the service calls `main(**inputs)` and answers with what it returns. "
            "`program`: the script runs from top to bottom, as `python script.py` would run it.",
        ),
    ] = Mode.MAIN
    argv: Annotated[
        list[_Argument],
        # Pydantic would report each wrong item of thousands.
        Field(max_length=ARGV_STRINGS, fail_fast=True, description="`sys.argv[1:]`, in mode `program` only."),
        AfterValidator(_arguments),
    ] = []
    inputs: Annotated[
        dict[str, Any],
        Field(description="The keyword arguments of `main`, a JSON object, in mode `main` only."),
    ] = {}
    stdin: Annotated[str, Field(description="The text on the script's standard input.")] = ""
    environment: Annotated[
        str,
        Field(
            description="The environment whose packages the script can import, one of `GET /environments`. "
            f"`{STDLIB}` has none.",
            json_schema_extra={"format": "environment"},
        ),
    ] = STDLIB
    files: Files = []
    artifacts: Patterns = []
    stream: Annotated[
        bool, Field(description="Whether `GET /jobs/{id}/events` has the output while the script runs.")
    ] = False
    limits: Annotated[AskedLimits, Field(description="The limits of the script.")] = AskedLimits()
    priority: Annotated[Priority, Field(strict=False, description="More urgent jobs run first.")] = (
        Priority.NORMAL
    )

    def to_job(self, settings: Settings) -> Job:
        """Return the job.

        Raises:
            InvalidRequest: A limit is above the operator's ceiling, the mode does not have a field, or a file
                is not in its encoding or too large.
        """
        self._check_mode()
        return Job(
            script=self.script,
            inputs=self.inputs,
            stdin=self.stdin,
            limits=self.limits.resolve(settings),
            mode=self.mode,
            argv=tuple(self.argv),
            environment=self.environment,
            files=to_files(self.files),
            artifacts=tuple(self.artifacts),
            stream=self.stream,
        )

    def _check_mode(self) -> None:
        """Raise InvalidRequest for input that the script would never see."""
        if self.mode is Mode.PROGRAM and self.inputs:
            raise InvalidRequest(
                'inputs: a program has no main for them: send argv or stdin instead, or "mode": "main"',
                field="inputs",
            )
        if self.mode is Mode.MAIN and self.argv:
            raise InvalidRequest(
                'argv: only a program has arguments: send inputs instead, or "mode": "program"', field="argv"
            )

    def to_valid_job(self, settings: Settings, check: Callable[[Job], None]) -> Job:
        """Return the job, checked.

        Args:
            settings: The operator's defaults and ceilings.
            check: Checks the environment and the script of a job.

        Raises:
            InvalidRequest: A limit is above the operator's ceiling, the mode does not have a field, or no
                environment has the name.
            Rejection: The script cannot be run.
        """
        job = self.to_job(settings)
        check(job)
        return job

    def queue_class(self, *, interactive: bool = False) -> QueueClass:
        """Return the class the job waits in; `interactive` if a client waits for its answer."""
        return QueueClass(self.priority, interactive)


def _shape(body: Any) -> str:
    return "many" if isinstance(body, list) else "one"


class Submissions(
    RootModel[
        Annotated[
            Annotated[Submission, Tag("one")]
            | Annotated[list[Submission], Field(min_length=1, max_length=BATCH), Tag("many")],
            Discriminator(_shape),
        ]
    ]
):
    """One submission, or a list of submissions: the service accepts all of them or none."""

    @property
    def is_list(self) -> bool:
        """Whether the client sent a list, even a list of one."""
        return isinstance(self.root, list)

    def __iter__(self) -> Iterator[Submission]:  # type: ignore[override]
        """Iterate over the submissions."""
        return iter(self.root if isinstance(self.root, list) else [self.root])

    def __len__(self) -> int:
        """Return the number of submissions."""
        return len(self.root) if isinstance(self.root, list) else 1

    def to_jobs(self, settings: Settings, check: Callable[[Job], None]) -> list[Job]:
        """Return the jobs, checked. An error of a list names the index of the first bad one."""
        if isinstance(self.root, Submission):
            return [self.root.to_valid_job(settings, check)]
        jobs = []
        for index, submission in enumerate(self.root):
            with _naming(index):
                jobs.append(submission.to_valid_job(settings, check))
        return jobs


@contextmanager
def _naming(index: int) -> Iterator[None]:
    try:
        yield
    except InvalidRequest as error:
        raise type(error)(f"[{index}].{error}", field=f"[{index}].{error.field}") from error
    except Rejection as error:
        raise InvalidScript(error, field=f"[{index}].script") from error
