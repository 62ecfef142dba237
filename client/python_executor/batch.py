"""Threads that run the scripts of a batch."""

import threading
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from typing import Final

from python_executor.errors import BatchInterrupted, PythonExecutorError
from python_executor.execution import Execution
from python_executor.progress import Progress
from python_executor.script import Script

#: Seconds between two looks at the results. Windows cannot interrupt a longer wait with Ctrl-C.
_LOOK_EVERY: Final = 1.0


class Batch:
    """Runs scripts on threads, and collects the executions in the thread of the caller.

    The threads are daemons: if the caller is interrupted, the interpreter ends without waiting for them.
    """

    def __init__(self, scripts: list[Script], run: Callable[[Script], Execution]) -> None:
        """Run nothing yet.

        Args:
            scripts: The scripts.
            run: Runs a script; called by any thread.
        """
        self._scripts, self._run = scripts, run
        self._todo = iter(enumerate(scripts))
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._results = SimpleQueue[tuple[int, Execution | BaseException] | None]()

    def collect(self, in_flight: int, progress: Progress | None) -> list[Execution]:
        """Return the executions in the order of the scripts; `Client.batch` says more."""
        executions: list[Execution | None] = [None] * len(self._scripts)
        error: PythonExecutorError | None = None
        ended = 0
        try:
            for n, result in self._run_all(min(in_flight, len(self._scripts))):
                if isinstance(result, PythonExecutorError):
                    error = error or result
                    self._stopped.set()
                elif isinstance(result, BaseException):
                    raise result
                else:
                    executions[n] = result
                    ended += 1
                    if progress:
                        progress(ended, len(executions), result)
        finally:
            self._stopped.set()
        if error:
            raise BatchInterrupted(error, executions) from error
        return [execution for execution in executions if execution is not None]

    def _run_all(self, threads: int) -> Iterator[tuple[int, Execution | BaseException]]:
        for n in range(threads):
            threading.Thread(target=self._work, name=f"batch-{n}", daemon=True).start()
        while threads:
            try:
                result = self._results.get(timeout=_LOOK_EVERY)
            except Empty:
                continue
            if result is None:
                threads -= 1
            else:
                yield result

    def _work(self) -> None:
        try:
            while (found := self._next()) is not None:
                n, script = found
                try:
                    self._results.put((n, self._run(script)))
                except BaseException as error:  # noqa: BLE001  # it is raised in the thread of the caller
                    self._results.put((n, error))
        finally:
            self._results.put(None)

    def _next(self) -> tuple[int, Script] | None:
        with self._lock:
            return None if self._stopped.is_set() else next(self._todo, None)


def check_in_flight(in_flight: int) -> None:
    """Check how many scripts run at a time. Raises ValueError for less than one."""
    if in_flight < 1:
        raise ValueError(f"in_flight must be at least 1: {in_flight!r}")
