"""What a client submits."""

from typing import Annotated, Any, NoReturn

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from api.errors import InvalidRequest
from config.settings import Settings
from sandbox.job import Job
from sandbox.limits import MEMORY_MB_LEAST, Limits

_STRICT = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

#: The longest part of a field's name that an error repeats, in characters.
_NAME_SHOWN = 100


def _whole(value: Any) -> Any:
    """Return the int a float is: JSON tells 5.0 and 5 apart no more than it tells 5e0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


_Whole = Annotated[int, Field(gt=0), BeforeValidator(_whole)]
_Megabytes = Annotated[int, Field(ge=MEMORY_MB_LEAST), BeforeValidator(_whole)]


class AskedLimits(BaseModel):
    """The limits a request asks for; what is missing or null is the default."""

    model_config = _STRICT

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
        """Return the limits of the job; raise InvalidRequest for one above the operator's ceiling."""
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
        """Return the most each limit may be."""
        return {
            "timeout": settings.timeout_max,
            "cpu": settings.cpu_max,
            "memory_mb": settings.memory_mb_max,
            "processes": settings.processes_max,
        }


class Submission(BaseModel):
    """A script to run, and what it is given."""

    model_config = _STRICT

    script: Annotated[
        str,
        Field(
            description="Python source that defines `main`; it is called as `main(**inputs)`.",
            json_schema_extra={"format": "python"},
        ),
    ]
    inputs: Annotated[
        dict[str, Any], Field(description="The keyword arguments of `main`, a JSON object.")
    ] = {}
    stdin: Annotated[str, Field(description="What the script reads on its standard input.")] = ""
    limits: Annotated[AskedLimits, Field(description="What the script may use.")] = AskedLimits()

    def to_job(self, settings: Settings) -> Job:
        """Return the job submitted; raise InvalidRequest where it asks for too much."""
        return Job(
            script=self.script, inputs=self.inputs, stdin=self.stdin, limits=self.limits.resolve(settings)
        )


def refuse(error: ValidationError) -> NoReturn:
    """Raise InvalidRequest naming the first field that is wrong, and why."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    field = ".".join(str(part) for part in first["loc"])[:_NAME_SHOWN]
    raise InvalidRequest(" ".join(f"{field}: {first['msg']}".split()), field=field)
