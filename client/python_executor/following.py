"""A job that is followed over any number of connections, without input or output."""

from collections.abc import Mapping
from typing import Generic, Literal

from python_executor import decode, strict_json
from python_executor.calls import Calls, check, check_wait, job_path
from python_executor.errors import JobNotFinished, ServiceFault
from python_executor.events import Done, Event, Output, Restarted, StatusChanged
from python_executor.exchange import RETRIED, Answer, Deadline, NoAnswer, Request, Retries
from python_executor.execution import ArtifactT, Execution
from python_executor.fields import Fields
from python_executor.script import Script


class Follower(Generic[ArtifactT]):
    """What to send after each event and each fault, until the job has ended.

    Attributes:
        job_id: The job, empty until the service has named it.
        execution: The final execution, None until the job has ended.
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
        if job_id:
            job_path(job_id)  # checks it
        self.job_id: str = job_id
        self.execution: Execution[ArtifactT] | None = None
        self._end = Deadline(check_wait(wait), calls.clock)
        # A submission that is given up may have been accepted. So it gets its time, however short the wait.
        self._submission = Deadline(max(wait, calls.timeout), calls.clock)
        self._calls, self._key = calls, key
        self._body = None if script is None else strict_json.encode(script.to_json())
        self._retries = Retries(self._end if job_id else self._submission, calls.timeout)
        self._last = ""
        self._received = {"stdout": 0, "stderr": 0}

    @property
    def remaining(self) -> float:
        """The seconds that are left."""
        return (self._end if self.job_id else self._submission).remaining

    def request(self) -> Request:
        """Return the request for the events that come next."""
        # A proxy that compresses holds events back.
        headers = {"Accept": "text/event-stream", "Accept-Encoding": "identity"}
        if self._last:
            headers["Last-Event-ID"] = self._last
        if self.job_id:
            return Request("GET", f"{job_path(self.job_id)}/events", headers=headers)
        headers["Idempotency-Key"] = self._key
        return Request("POST", "/execute", body=self._body, headers=headers)

    def connected(self, headers: Mapping[str, str]) -> None:
        """Take the head of an answer with status 200. The names of the headers are in lower case.

        Raises:
            ServiceFault: It has no events.
        """
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "text/event-stream":
            raise ServiceFault(f"the answer has no events, but {kind!r}; is this the service?", status=200)
        self._retries.connected()

    def event(self, name: str, event_id: str, data: str) -> Event[ArtifactT] | None:
        """Take an event.

        Returns:
            The event, None if this version does not know it.

        Raises:
            ServiceFault: The event has not the expected form, or output is missing.
        """
        try:
            if not event_id.isascii() or not event_id.isprintable():
                raise ValueError("its id is not ASCII")
            event = self._decode(name, data)
        except ValueError as error:
            raise self._fault(f"an event {name[:50]!r} has not the expected form: {error}") from error
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
            raise self._fault(f"the service sends no events: status {fault.status}", fault.status)
        if self.job_id and not self._end.remaining:
            raise JobNotFinished(self.job_id, self._end.seconds)
        try:
            return self._retries.pause_after(fault)
        except ServiceFault as raised:
            raised.job_id = self.job_id or None
            # The next try would be after the deadline: the job may well be running.
            if self.job_id and not self._end.remaining:
                raise JobNotFinished(self.job_id, self._end.seconds, raised) from raised
            raise

    def _decode(self, name: str, text: str) -> Event[ArtifactT] | None:
        if name not in ("status", "stdout", "stderr", "restarted", "done"):
            return None
        data = Fields(strict_json.decode(text))
        match name:
            case "status":
                self._name(data)
                return StatusChanged(self.job_id, decode.status(data))
            case "stdout" | "stderr":
                return self._output(name, data.required("text", str), data.required("offset", int))
            case "restarted":
                self._name(data)
                self._received = dict.fromkeys(self._received, 0)
                return Restarted(self.job_id)
            case _:
                self._name(data)
                self.execution = decode.execution(data, self._calls.make_artifact)
                return Done(self.execution)

    def _output(self, name: Literal["stdout", "stderr"], text: str, offset: int) -> Output:
        received = self._received[name]
        if offset != received:
            raise self._fault(f"{name} has a gap: {received} bytes, then those from {offset}")
        self._received[name] += len(text.encode())
        return Output(name, text, offset)

    def _name(self, data: Fields) -> None:
        job_id = data.required("id", str)
        job_path(job_id)  # checks it
        if self.job_id and job_id != self.job_id:
            raise ValueError(f"it is of job {job_id[:50]!r}")
        self.job_id = job_id
        self._retries.deadline = self._end

    def _fault(self, message: str, status: int | None = None) -> ServiceFault:
        fault = ServiceFault(message, status=status)
        fault.job_id = self.job_id or None
        return fault
