"""The calls of the service, each as steps that do no input or output."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Generic
from urllib.parse import quote

from python_executor import decode
from python_executor.artifact import ArtifactInfo
from python_executor.decode import MakeArtifact
from python_executor.errors import Conflict, JobNotFinished, NotFound, ScriptRefused, ServiceFault
from python_executor.exchange import Answer, Deadline, Request, Steps, exchange
from python_executor.execution import ArtifactT, Execution, Status
from python_executor.fields import Fields
from python_executor.script import Script
from python_executor.service_info import Environment, Health
from python_executor.strict_json import encode

#: Seconds for which one request waits for the end of a job; at most 60.
_POLL: Final = 20.0

#: Seconds by which the answer to such a request may be late, because of the network or a busy service.
LATE: Final = 5.0

#: Seconds that one answer of `POST /execute` may take: the longest timeout of a job, and time in the queue.
_EXECUTE: Final = 90.0

#: The most characters of the id of a job. The service has ids of 32.
_LONGEST_ID: Final = 255

#: The jobs of one page of a list.
_PAGE: Final = 100

#: The most pages in succession that have no job. The service looks at 500 jobs for each.
MOST_EMPTY_PAGES: Final = 1000

Clock = Callable[[], float]


@dataclass(frozen=True)
class Calls(Generic[ArtifactT]):
    """The calls of one client.

    Attributes:
        timeout: Seconds that a call may take that waits for no job, and for which the service may be away.
        clock: Returns the time in seconds.
        make_artifact: Makes the artifacts of an execution.
    """

    timeout: float
    clock: Clock
    make_artifact: "MakeArtifact[ArtifactT]"

    def run(self, script: Script, key: str, wait: float) -> Steps[Execution[ArtifactT]]:
        """Run a script to its end."""
        deadline = Deadline(check_wait(wait), self.clock)
        # The answer of /execute names no job until it ends, so a short wait must get the id first.
        path = "/execute" if wait > _EXECUTE else "/jobs"
        # A submission that is given up may have been accepted. So it gets its time, however short the wait.
        within = Deadline(max(wait, self.timeout), self.clock)
        try:
            execution = yield from self._submit(path, script, key, within)
        except ScriptRefused as refused:
            return Execution(
                id="", status=Status.REFUSED, error=refused.error, environment=script.environment
            )
        if execution.status.final:
            return execution
        return (yield from self._wait(execution.id, deadline, asked=True))

    def submit(self, script: Script, key: str, *, stream: bool = False) -> Steps[Execution[ArtifactT]]:
        """Queue a script."""
        return (
            yield from self._submit("/jobs", script, key, Deadline(self.timeout, self.clock), stream=stream)
        )

    def get(self, job_id: str) -> Steps[Execution[ArtifactT]]:
        """Look a job up."""
        return self._execution((yield from self._ask(Request("GET", job_path(job_id)))))

    def wait(self, job_id: str, wait: float) -> Steps[Execution[ArtifactT]]:
        """Wait for the end of a job."""
        deadline = Deadline(check_wait(wait), self.clock)
        return (yield from self._wait(job_id, deadline, asked=False))

    def cancel(self, job_id: str) -> Steps[Execution[ArtifactT]]:
        """Cancel a job."""
        deadline = Deadline(self.timeout, self.clock)
        path = job_path(job_id)
        try:
            return self._execution((yield from self._ask(Request("DELETE", path), deadline)))
        except Conflict:
            # An earlier request of this call may have cancelled it although its answer was lost.
            execution = self._execution((yield from self._ask(Request("GET", path), deadline)))
            if execution.status is Status.CANCELLED:
                return execution
            raise

    def page(
        self, statuses: Sequence[str], cursor: str | None
    ) -> Steps[tuple[list[Execution[ArtifactT]], str | None]]:
        """Return one page of the jobs, and the cursor of the next page, None after the last one."""
        parameters = {"limit": str(_PAGE)}
        if statuses:
            parameters["status"] = ",".join(statuses)
        if cursor:
            parameters["cursor"] = cursor
        answer = yield from self._ask(Request("GET", "/jobs", parameters))

        def decoder(data: Fields) -> tuple[list[Execution[ArtifactT]], str | None]:
            jobs = [decode.execution(each, self.make_artifact) for each in data.objects("jobs")]
            return jobs, data.optional("next", str)

        jobs, following = decode.decode(answer, decoder)
        if following is not None and following == cursor:
            raise ServiceFault("the pages of the list do not end")
        return jobs, following

    def read_artifact(self, job_id: str, artifact: ArtifactInfo) -> Steps[bytes]:
        """Download an artifact."""
        if artifact.dropped:
            raise NotFound(404, "not_found", f"{artifact.path}: the service has not kept this file")
        # The path has no `..`: `decode` has checked it.
        path = f"{job_path(job_id)}/artifacts/{quote(artifact.path, safe='/')}"
        answer = yield from self._ask(Request("GET", path))
        if sha256(answer.content).hexdigest() != artifact.sha256:
            raise ServiceFault(f"{artifact.path}: the SHA-256 of the bytes differs from the one in the job")
        return answer.content

    def delete_artifacts(self, job_id: str) -> Steps[None]:
        """Delete the artifacts of a job."""
        yield from self._ask(Request("DELETE", f"{job_path(job_id)}/artifacts"))

    def environments(self) -> Steps[tuple[Environment, ...]]:
        """List the environments."""
        answer = yield from self._ask(Request("GET", "/environments"))
        return decode.decode_list(answer, decode.environment)

    def ceilings(self) -> Steps[dict[str, float]]:
        """Ask for the ceilings of limits."""
        answer = yield from self._ask(Request("GET", "/openapi.json"))
        return decode.decode(answer, decode.ceilings)

    def health(self) -> Steps[Health]:
        """Ask whether the service runs jobs. An answer that says no is an answer."""
        deadline = Deadline(self.timeout, self.clock)
        try:
            answer = yield from exchange(Request("GET", "/health/ready"), deadline, 0.0, self.timeout)
            return decode.decode(check(answer), decode.health)
        except ServiceFault as fault:
            return Health(ready=False, reason=str(fault), workers=())

    def _submit(
        self, path: str, script: Script, key: str, deadline: Deadline, *, stream: bool = False
    ) -> Steps[Execution[ArtifactT]]:
        open_end = path == "/execute"
        body = encode(script.to_json(stream=stream))
        request = Request("POST", path, body=body, headers={"Idempotency-Key": key}, open_end=open_end)
        slowest = _EXECUTE if open_end else self.timeout
        return self._execution(check((yield from exchange(request, deadline, self.timeout, slowest))))

    def _wait(self, job_id: str, deadline: Deadline, *, asked: bool) -> Steps[Execution[ArtifactT]]:
        """Wait for the end of a job; `asked` says whether the service has been asked and it had not ended."""
        path = job_path(job_id)
        while True:
            poll = min(_POLL, deadline.remaining)
            if asked and not poll:
                raise JobNotFinished(job_id, deadline.seconds)
            # An answer that comes a little after the deadline can be the end of the job.
            late = min(LATE, self.timeout)
            if not asked:
                late = max(late, self.timeout - deadline.remaining)
            within = Deadline(deadline.remaining + late, self.clock)
            request = Request("GET", path, {"wait": f"{poll:.3f}"})
            try:
                answer = yield from exchange(request, within, self.timeout, poll + late)
            except ServiceFault as fault:
                fault.job_id = job_id
                if asked and not deadline.remaining:
                    raise JobNotFinished(job_id, deadline.seconds, fault) from fault
                raise
            execution = self._execution(check(answer))
            if execution.status.final:
                return execution
            asked = True

    def _ask(self, request: Request, deadline: Deadline | None = None) -> Steps[Answer]:
        deadline = deadline or Deadline(self.timeout, self.clock)
        return check((yield from exchange(request, deadline, self.timeout, self.timeout)))

    def _execution(self, answer: Answer) -> Execution[ArtifactT]:
        return decode.decode(answer, lambda data: decode.execution(data, self.make_artifact))


def check(answer: Answer) -> Answer:
    """Return an answer that has what was asked for. Raises RequestRefused for any other."""
    # 422 is a job that failed. It has an id, which an error of a request has not.
    if 200 <= answer.status < 300:
        return answer
    if answer.status == 422:
        with suppress(ServiceFault, TypeError):
            if "id" in answer.json():
                return answer
    raise decode.refusal(answer)


def check_wait(wait: float) -> float:
    """Return the seconds of a wait. Raises ValueError if they are negative or NaN; infinity is allowed."""
    if not wait >= 0:
        raise ValueError(f"wait must not be negative: {wait!r}")
    return wait


def job_path(job_id: str) -> str:
    """Return the path of a job. Raises ValueError for what cannot be an id."""
    # A path with `.` or `..` would be another path.
    if not 0 < len(job_id) <= _LONGEST_ID or job_id in (".", ".."):
        raise ValueError(f"this is not the id of a job: {job_id[:100]!r}")
    return f"/jobs/{quote(job_id, safe='')}"
