"""One process of the service."""

import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

import psutil

#: Seconds a process may take to stop after SIGTERM.
_STOP_WITHIN: Final = 40.0


class ManagedProcess:
    """A process that can be killed and started again.

    Attributes:
        name: The name of the process in reports.
        unexpected_exits: The exit status each time that the process ended without `kill` or `stop`.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str],
        log: IO[bytes],
        kill_children: bool = False,
    ) -> None:
        """Describe the process; `start` starts it.

        Args:
            name: The name of the process in reports.
            command: The program and its arguments.
            folder: Its working directory.
            environment: Its whole environment.
            log: The file that receives its standard output and standard error.
            kill_children: Kill its descendants with it, as the end of a container does.
        """
        self.name = name
        self.unexpected_exits: list[int] = []
        self._command, self._folder, self._environment = command, folder, environment
        self._log, self._kill_children = log, kill_children
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id, or None while the process does not run."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process, without waiting until it is ready."""
        # A process group of its own: Ctrl-C then reaches only the command, which stops them in order.
        self._process = subprocess.Popen(
            self._command,
            cwd=self._folder,
            env=self._environment,
            stdout=self._log,
            stderr=self._log,
            process_group=0,
        )

    def kill(self) -> None:
        """Send SIGKILL and wait for the end."""
        process, self._process = self._process, None
        if process is None:
            return
        children: list[psutil.Process] = []
        if self._kill_children:
            with suppress(psutil.NoSuchProcess):
                children = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        process.wait()
        psutil.wait_procs(children, timeout=_STOP_WITHIN)

    def restart_if_ended(self) -> None:
        """Start the process again if it ended unexpectedly, as a supervisor would."""
        if self._process is not None and (status := self._process.poll()) is not None:
            self.unexpected_exits.append(status)
            self.start()

    def stop(self) -> bool:
        """Send SIGTERM, and SIGKILL after a deadline.

        Returns:
            Whether the process ended before the deadline.
        """
        if self._process is None:
            return True
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self.kill()
            return False
        self._process = None
        return True
