"""The progress of a batch."""

from collections.abc import Callable

from python_executor.execution import ArtifactT, Execution

#: Called after each execution of a batch: the number of executions so far, of all scripts, the execution.
Progress = Callable[[int, int, Execution[ArtifactT]], None]
