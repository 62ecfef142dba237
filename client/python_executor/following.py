"""A job that is followed over any number of connections, without input or output."""

import json
from collections.abc import Mapping
from typing import Any, Final, Generic

from python_executor import decode
from python_executor.calls import Calls, check, job_path
from python_executor.errors import JobNotFinished, ServiceFault
from python_executor.events import Done, Event, Output, Restarted, StatusChanged
from python_executor.exchange import RETRIED, Answer, Deadline, NoAnswer, Request, Retries
from python_executor.execution import ArtifactT, Execution, Status
from python_executor.script import Script

#: Seconds without a byte after which a connection is broken. The service sends a comment every 15 seconds.
SILENCE: Final = 40.0

#: The most bytes of one event. The last event has the job: a result and two outputs of 1 MB, escaped in JSON.
LARGEST_EVENT: Final = 64 * 2**20


class Follower(Generic[ArtifactT]):
    """What to send after each event and each fault, until the job has ended.

    Attributes:
        job_id: The job, empty until the service has named it.
        execution: The final execution, None until the job has ended.
        deadline: The time by which the job must have ended.
    """

    def __init__(
        self,
        calls: Calls[ArtifactT],
        wait: float,
        *,
        job_id: str = "",
        script: Script | None = None,
        key: str = "",
    ) -> None:
        """Begin with the id of a job, or with a script that is to be submitted.

        Args:
            calls: The calls of the client.
            wait: Seconds within which the job must end.
            job_id: The job, empty to submit a script.
            script: The script.
            key: The idempotency key of the script, so that it runs once however often it is sent.
        """
        self.job_id: str = job_id
        self.execution: Execution[ArtifactT] | None = None
        self.deadline: Deadline = Deadline(wait, calls.clock)
        self._calls, self._script, self._key = calls, script, key
        self._retries = Retries(self.deadline, calls.timeout)
        self._last = ""
        self._received = {"stdout": 0, "stderr": 0}

    def request(self) -> Request:
        """Return the request for the events that come next."""
        headers = {"Accept": "text/event-stream"}
        if self._last:
            headers["Last-Event-ID"] = self._last
        if self.job_id:
            return Request("GET", f"{job_path(self.job_id)}/events", headers=headers)
        assert self._script is not None
        headers["Idempotency-Key"] = self._key
        return Request("POST", "/execute", body=self._script.to_json(), headers=headers)

    @property
    def patience(self) -> float:
        """The seconds without a byte after which a connection is broken."""
        return min(SILENCE, self.deadline.remaining)

    def connected(self, headers: Mapping[str, str]) -> None:
        """Take the head of an answer that has events. The names of the headers are in lower case."""
        if not self.job_id:
            self.job_id = headers.get("location", "").rpartition("/")[2]

    def event(self, name: str, event_id: str, data: str) -> Event[ArtifactT] | None:
        """Take an event.

        Returns:
            The event, None if this version does not know it.

        Raises:
            ServiceFault: The event has not the expected form, or output is missing.
        """
        try:
            event = self._decode(name, json.loads(data))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ServiceFault(f"an event {name!r} has not the expected form: {error!r}") from error
        self._last = event_id or self._last
        self._retries.reset()
        return event

    def pause_after(self, fault: Answer | NoAnswer) -> float:
        """Return the seconds to wait before the next connection.

        Raises:
            RequestRefused: The service refuses to send the events.
            ServiceFault: The service has been away for too long.
            JobNotFinished: The deadline has passed.
        """
        if isinstance(fault, Answer) and fault.status not in RETRIED:
            check(fault)
            raise ServiceFault(f"the service sends no events: status {fault.status}", status=fault.status)
        self.check_deadline()
        return self._retries.pause_after(fault)

    def check_deadline(self) -> None:
        """Raise JobNotFinished if the deadline has passed."""
        if not self.deadline.remaining:
            raise JobNotFinished(self.job_id, self.deadline.seconds)

    def _decode(self, name: str, data: Any) -> Event[ArtifactT] | None:
        match name:
            case "status":
                self.job_id = data["id"]
                return StatusChanged(data["id"], Status(data["status"]))
            case "stdout" | "stderr":
                text, offset = str(data["text"]), int(data["offset"])
                if offset != self._received[name]:
                    raise ServiceFault(
                        f"{name} has a gap: {self._received[name]} bytes, then those from {offset}"
                    )
                self._received[name] += len(text.encode())
                return Output(name, text, offset)
            case "restarted":
                self._received = dict.fromkeys(self._received, 0)
                return Restarted(data["id"])
            case "done":
                self.execution = decode.execution(data, self._calls.make_artifact)
                return Done(self.execution)
        return None
