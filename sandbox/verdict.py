"""Decide the outcome of a job from the worker's observations. Pure functions; all rules are in this module.

The first of these rules that applies decides:
    1. the kernel killed a process at the memory limit
    2. the worker's clocks passed the deadline or the CPU limit
    3. a signal killed the process, or its exit status is not 0
    4. the runner's report (`runner_report`). An uncaught MemoryError in it is the memory limit too

A program may also end without a report, by os._exit(0). A script that forges its report changes only its own
result, message and exit code.
"""

import signal
from collections.abc import Callable
from dataclasses import replace

from jobs.limits import Limits
from jobs.mode import Mode
from jobs.outcome import ErrorType, JobError, Outcome, SandboxKind, Usage
from sandbox.observation import Observation, StopReason, Trace
from sandbox.runner_report import Verdict, read_report


def find_sandbox_fault(observation: Observation) -> str | None:
    """Return the fault of the sandbox itself, None if the script ended or a limit stopped it."""
    trace = observation.trace
    if trace.stop_reason or observation.memory_exceeded:
        return None
    if trace.status is None:
        return "the sandbox ended unexpectedly"
    if not trace.started:
        return f"the runner failed before the script: {trace.stderr.to_text()[0][-2000:]}"
    return None


def decide(
    observation: Observation,
    limits: Limits,
    sandbox: SandboxKind,
    cpu_clock: Callable[[], float] = lambda: 0.0,
    mode: Mode = Mode.MAIN,
) -> Outcome:
    """Return the outcome of a job.

    Args:
        observation: The observations about the job.
        limits: The limits that it had.
        sandbox: The kind of sandbox that it ran in.
        cpu_clock: Returns the CPU seconds of this thread. The time to read the report counts as the job's,
            because the script decides how much it is.
        mode: How the script was run.
    """
    trace = observation.trace
    started = cpu_clock()
    verdict = _verdict(observation, limits, mode)
    stdout, stdout_truncated = trace.stdout.to_text()
    stderr, stderr_truncated = trace.stderr.to_text()
    own_cpu = cpu_clock() - started
    return Outcome(
        sandbox=sandbox,
        result=verdict.result,
        error=verdict.error,
        stdout=stdout,
        stderr=stderr,
        stdout_truncated=stdout_truncated,
        stderr_truncated=stderr_truncated,
        usage=Usage(
            wall_ms=_ms(trace.wall),
            cpu_ms=None if trace.cpu is None else _ms(trace.cpu + own_cpu),
            memory_peak_bytes=observation.memory_peak,
        ),
        exit_code=verdict.exit_code,
        artifacts=trace.artifacts,
        artifacts_truncated=trace.artifacts_truncated,
    )


def _verdict(observation: Observation, limits: Limits, mode: Mode) -> Verdict:
    if stopped := _stop(observation, limits):
        return Verdict(error=stopped)
    trace = observation.trace
    code = trace.status >> 8 if trace.status is not None else None
    if code != 0 or (trace.report is None and not trace.report_overflow):
        return _end_without_report(code, mode)
    verdict = read_report(trace.report, mode)
    if verdict.error and _is_memory_error(verdict.error):
        message = f"the job asked for more than its {limits.memory_mb} MB of memory"
        return Verdict(error=replace(verdict.error, type=ErrorType.MEMORY_LIMIT, message=message))
    return verdict


def _stop(observation: Observation, limits: Limits) -> JobError | None:
    """Return the error of a script that did not end by itself, None if it did."""
    trace = observation.trace
    if observation.memory_exceeded:
        return JobError(ErrorType.MEMORY_LIMIT, f"the job used more than its {limits.memory_mb} MB of memory")
    if trace.stop_reason is StopReason.WALL:
        return JobError(ErrorType.TIMEOUT, f"the job ran longer than its {limits.timeout:g} s")
    if trace.stop_reason is StopReason.CPU or _killed_at_cpu_limit(trace, limits):
        return JobError(ErrorType.TIMEOUT, f"the job used more than its {limits.cpu:g} s of CPU time")
    if (number := _signal(trace.status)) is not None:
        return JobError(ErrorType.KILLED, f"the script was killed by {_signal_name(number)}")
    return None


def _end_without_report(code: int | None, mode: Mode) -> Verdict:
    if mode is Mode.PROGRAM and code == 0:
        return Verdict(exit_code=0)
    before = " before a result arrived" if mode is Mode.MAIN else ""
    return Verdict(
        error=JobError(ErrorType.EXIT, f"the process ended with status {code}{before}"), exit_code=code
    )


def _is_memory_error(error: JobError) -> bool:
    """Return whether the interpreter got no memory and nothing caught it.

    Under nsjail the kernel refuses an allocation that is larger than the machine; smaller ones end in a kill.
    The restricted executor limits the address space. A message is the script's own.
    """
    return error.type is ErrorType.EXCEPTION and error.message == "MemoryError"


def _killed_at_cpu_limit(trace: Trace, limits: Limits) -> bool:
    """Return whether the kernel's CPU limit killed the script. A script can also send itself that signal."""
    used_up = trace.cpu is None or trace.cpu >= limits.cpu * 0.9
    return used_up and _signal(trace.status) == signal.SIGXCPU


def _signal(status: int | None) -> int | None:
    """Return the signal in a wait status, None if the process exited by itself."""
    return status & 0x7F or None if status is not None else None


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
