"""The end of a job: the command prints its result and errors, and saves its artifacts."""

from pathlib import Path

from python_executor import errors
from python_executor.artifact import Artifact
from python_executor.execution import Execution, ScriptError, Status
from python_executor.pyexec import exit_code, saving
from python_executor.pyexec.display import Display
from python_executor.pyexec.fault import describe_script
from python_executor.pyexec.job_object import job_object
from python_executor.pyexec.text import json_line


def end(display: Display, execution: Execution, *, json: bool, folder: Path, overwrite: bool) -> int:
    """Print the result and what went wrong, and save the artifacts; return the exit code.

    Args:
        display: Where to print.
        execution: The final execution.
        json: Whether to print the job object instead of the result.
        folder: Where to save the artifacts.
        overwrite: Whether artifacts may replace files.
    """
    display.end_script()
    if json:
        display.line(json_line(job_object(execution)))
    elif execution.result is not None:
        display.line(json_line(execution.result))
    if not json and execution.error:
        _show_traceback(display, execution, execution.error)
    for stream in ("stdout", "stderr"):
        if getattr(execution.truncated, stream):
            display.message(f"{stream} is longer than the service keeps: the rest is missing")
    saved = _save(display, execution, folder, overwrite=overwrite)
    if execution.error:
        display.message(describe_script(execution.error))
    elif execution.status is Status.CANCELLED:
        display.message(f"job {execution.id} was cancelled")
    code = exit_code.of_execution(execution)
    return code or (0 if saved else exit_code.FAULT)


def _show_traceback(display: Display, execution: Execution, error: ScriptError) -> None:
    """Print the traceback, unless Python printed it: in mode `program` it is the end of standard error."""
    traceback = (error.traceback or "").rstrip("\n")
    if traceback and traceback.rpartition("\n")[2] not in execution.stderr:
        display.traceback(f"{traceback}\n")


def _save(display: Display, execution: Execution, folder: Path, *, overwrite: bool) -> bool:
    """Save the artifacts; return whether all are saved."""
    saved: list[Artifact] = []
    try:
        for artifact in execution.artifacts:
            display.progress(f"saving {artifact.path}")
            if reason := _save_one(artifact, folder, overwrite=overwrite):
                display.message(f"artifact {artifact.path} is not saved: {reason}")
            else:
                saved.append(artifact)
    finally:
        if saved:
            names = ", ".join(artifact.path for artifact in saved)
            display.message(f"saved in {folder}: {names}")
        display.progress("")
    if execution.artifacts_truncated:
        display.message("there may be more artifacts than the service lists")
    return len(saved) == len(execution.artifacts) and not execution.artifacts_truncated


def _save_one(artifact: Artifact, folder: Path, *, overwrite: bool) -> str:
    """Save an artifact; return why it is not saved, or an empty text."""
    if artifact.dropped:
        return f"the service has not kept its {artifact.size} bytes"
    try:
        saving.save(artifact, folder, overwrite=overwrite)
    except (saving.NotSaved, errors.PythonExecutorError) as error:
        return str(error)
    return ""
