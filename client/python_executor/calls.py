"""The calls of the service, each as steps that do no input or output."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Generic
from urllib.parse import quote

from python_executor import decode
from python_executor.artifact import ArtifactInfo
from python_executor.decode import MakeArtifact
from python_executor.errors import Conflict, JobNotFinished, NotFound, ScriptRefused, ServiceFault
from python_executor.exchange import Answer, Deadline, Request, Steps, exchange
from python_executor.execution import ArtifactT, Execution, Status
from python_executor.script import Script
from python_executor.service_info import Environment, Health

#: Seconds for which one request waits for the end of a job; at most 60.
_POLL: Final = 20.0

#: Seconds that one answer of `POST /execute` may take: the longest timeout of a job, and time in the queue.
_EXECUTE: Final = 90.0

#: The jobs of one page of a list.
_PAGE: Final = 100

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
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
        deadline = Deadline(wait, self.clock)
        try:
            # The answer of /execute names no job until it ends, so a short wait must get the id first.
            execution = yield from self._submit(
                "/execute" if wait > _EXECUTE else "/jobs", script, key, deadline
            )
        except ScriptRefused as refused:
            return Execution(
                id="", status=Status.REFUSED, error=refused.error, environment=script.environment
            )
        return (yield from self._wait(execution, deadline))

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
        deadline = Deadline(wait, self.clock)
        return (yield from self._wait((yield from self.get(job_id)), deadline))

    def cancel(self, job_id: str) -> Steps[Execution[ArtifactT]]:
        """Cancel a job."""
        try:
            return self._execution((yield from self._ask(Request("DELETE", job_path(job_id)))))
        except Conflict:
            # An earlier request of this call may have cancelled it although its answer was lost.
            execution = yield from self.get(job_id)
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

        def decoder(data: Any) -> tuple[list[Execution[ArtifactT]], str | None]:
            return [decode.execution(each, self.make_artifact) for each in data["jobs"]], data["next"]

        page: tuple[list[Execution[ArtifactT]], str | None] = decode.decode(answer, decoder)
        return page

    def read_artifact(self, job_id: str, artifact: ArtifactInfo) -> Steps[bytes]:
        """Download an artifact."""
        if artifact.dropped:
            raise NotFound(404, "not_found", f"{artifact.path}: the service has not kept this file")
        path = f"{job_path(job_id)}/artifacts/{quote(artifact.path, safe='/')}"
        answer = yield from self._ask(Request("GET", path))
        if sha256(answer.content).hexdigest() != artifact.sha256:
            raise ServiceFault(f"{artifact.path}: the bytes are not those that the job names")
        return answer.content

    def delete_artifacts(self, job_id: str) -> Steps[None]:
        """Delete the artifacts of a job."""
        yield from self._ask(Request("DELETE", f"{job_path(job_id)}/artifacts"))

    def environments(self) -> Steps[tuple[Environment, ...]]:
        """List the environments."""
        answer = yield from self._ask(Request("GET", "/environments"))
        environments: tuple[Environment, ...] = decode.decode(answer, decode.environments)
        return environments

    def ceilings(self) -> Steps[dict[str, float]]:
        """Ask for the ceilings of limits."""
        answer = yield from self._ask(Request("GET", "/openapi.json"))
        ceilings: dict[str, float] = decode.decode(answer, decode.ceilings)
        return ceilings

    def health(self) -> Steps[Health]:
        """Ask whether the service runs jobs. An answer that says no is an answer."""
        deadline = Deadline(self.timeout, self.clock)
        try:
            answer = yield from exchange(Request("GET", "/health/ready"), deadline, 0.0, self.timeout)
        except ServiceFault as fault:
            return Health(ready=False, reason=str(fault), workers=())
        if answer.status != 200:
            raise decode.refusal(answer)
        health: Health = decode.decode(answer, decode.health)
        return health

    def _submit(
        self, path: str, script: Script, key: str, deadline: Deadline, *, stream: bool = False
    ) -> Steps[Execution[ArtifactT]]:
        request = Request("POST", path, body=script.to_json(stream=stream), headers={"Idempotency-Key": key})
        slowest = _EXECUTE if path == "/execute" else self.timeout
        return self._execution(check((yield from exchange(request, deadline, self.timeout, slowest))))

    def _wait(self, execution: Execution[ArtifactT], deadline: Deadline) -> Steps[Execution[ArtifactT]]:
        while not execution.status.final:
            poll = min(_POLL, deadline.remaining)
            if poll <= 0:
                raise JobNotFinished(execution.id, deadline.seconds)
            request = Request("GET", job_path(execution.id), {"wait": f"{poll:.3f}"})
            # One answer may come a little after the deadline: it can be the end of the job.
            within = Deadline(deadline.remaining + self.timeout, self.clock)
            answer = yield from exchange(request, within, self.timeout, poll + self.timeout)
            execution = self._execution(check(answer))
        return execution

    def _ask(self, request: Request) -> Steps[Answer]:
        deadline = Deadline(self.timeout, self.clock)
        return check((yield from exchange(request, deadline, self.timeout, self.timeout)))

    def _execution(self, answer: Answer) -> Execution[ArtifactT]:
        execution: Execution[ArtifactT] = decode.decode(
            answer, lambda data: decode.execution(data, self.make_artifact)
        )
        return execution


def check(answer: Answer) -> Answer:
    """Return an answer that has what was asked for. Raises RequestRefused for any other."""
    # 422 is a job that failed. It has an id, which an error of a request has not.
    if answer.status < 300:
        return answer
    if answer.status == 422:
        with suppress(ServiceFault):
            if "id" in answer.json():
                return answer
    raise decode.refusal(answer)


def job_path(job_id: str) -> str:
    """Return the path of a job. Raises ValueError if the id is empty."""
    if not job_id:
        raise ValueError("the id of a job must not be empty")
    return f"/jobs/{quote(job_id, safe='')}"
