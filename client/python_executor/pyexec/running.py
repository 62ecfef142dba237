"""A script that the command runs, and cancels if the command has to end first."""

from dataclasses import dataclass, field
from typing import Final

from python_executor import errors
from python_executor.events import StatusChanged
from python_executor.execution import Execution, Status
from python_executor.pyexec import exit_code
from python_executor.pyexec.display import Display
from python_executor.pyexec.ending import end
from python_executor.pyexec.ending_options import Ending
from python_executor.pyexec.following import Following
from python_executor.pyexec.interrupts import Interrupted, Interrupts
from python_executor.pyexec.service import Service
from python_executor.script import Script

#: Seconds that a cancellation may take. The user waits for it.
_CANCELLATION: Final = 3.0


@dataclass
class Running:
    """A script that is run.

    Attributes:
        service: The service.
        script: The script.
        key: Its idempotency key.
        wait: Seconds to wait for its end.
        display: Where its output goes.
    """

    service: Service
    script: Script
    key: str
    wait: float
    display: Display = field(default_factory=Display)

    def run(self, ending: Ending) -> int:
        """Run the script and return the exit code of the command.

        Raises:
            PythonExecutorError: The service refused the request, or failed.
        """
        following = Following(self.display, self.service.settings().url, quiet=ending["json"])
        with Interrupts():
            try:
                return self._run(following, ending)
            except Interrupted as interrupted:
                self._say("interrupted", following)
                return interrupted.exit_code

    def _run(self, following: Following, ending: Ending) -> int:
        try:
            with self.service.client() as client:
                try:
                    events = client.stream(self.script, wait=self.wait, idempotency_key=self.key)
                    execution = following.follow(events)
                except errors.ScriptRefused as refused:
                    execution = Execution(
                        id="",
                        status=Status.REFUSED,
                        error=refused.error,
                        environment=self.script.environment,
                    )
                return end(self.display, execution, **ending)
        except BrokenPipeError:
            self._cancel(following)
            self.display.progress("")
            return exit_code.PIPE
        except OSError as error:
            self._say(f"the output cannot be written: {error.strerror}", following)
            return exit_code.FAULT
        except errors.JobNotFinished as error:
            raise errors.JobNotFinished(error.job_id or following.job_id, self.wait) from None

    def _say(self, what: str, following: Following) -> None:
        cancelled = self._cancel(following)
        self.display.message(f"{what}; {cancelled}" if cancelled else what)

    def _cancel(self, following: Following) -> str:
        """Cancel the job if it has not ended; return what became of it, an empty text if it had ended."""
        if following.status and following.status.final:
            return ""
        job_id = following.job_id
        try:
            self.display.progress("cancelling the job")
            with self.service.client(at_most=_CANCELLATION) as client:
                if not job_id:
                    # The request may have arrived. The same request again names the same job.
                    events = client.stream(self.script, wait=_CANCELLATION, idempotency_key=self.key)
                    job_id = next((event.job_id for event in events if isinstance(event, StatusChanged)), "")
                if not job_id:
                    return ""
                client.cancel(job_id)
        except (errors.ScriptRefused, errors.Conflict):
            return ""
        except errors.PythonExecutorError as error:
            job = f"job {job_id} is not cancelled" if job_id else "the job may run, if the service has got it"
            return f"{job}: {error}"
        return f"job {job_id} is cancelled"
