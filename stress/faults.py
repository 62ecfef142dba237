"""Faults of a trial: jobs that are lost, doubled, stuck or wrong."""

from collections.abc import Iterator, Sequence

from jobs.system_outcomes import ATTEMPTS
from stress.client import TaskResult
from stress.final_state import FinalState
from stress.kills import Kill


def find_faults(results: Sequence[TaskResult], state: FinalState, kills: Sequence[Kill]) -> Iterator[str]:
    """Compare the results of the clients with the state of Redis, and describe each fault in one line."""
    for result in results:
        number = result.task.number
        if result.fault:
            yield result.fault
        elif not result.ids:
            yield f"job {number} was never accepted"
        elif len(result.ids) > 1:
            yield f"job {number} was doubled: {', '.join(sorted(result.ids))}"
        elif not result.ended:
            assert result.execution
            yield f"job {number} ({result.execution.id}) is stuck: {result.execution.status}"
        else:
            assert result.execution
            wrong = result.task.check(result.execution)
            if wrong and not failed_by_kills(result, state, kills):
                yield f"job {number} ({result.execution.id}) ended wrong: {wrong}"
    accepted = {job_id for result in results for job_id in result.ids}
    if unknown := set(state.attempts) - accepted:
        yield f"{len(unknown)} jobs belong to no client: {', '.join(sorted(unknown)[:5])}"
    if lost := accepted - set(state.attempts):
        yield f"{len(lost)} jobs were accepted and are gone: {', '.join(sorted(lost)[:5])}"
    for name, count in (("submitted", state.submitted), ("finished", state.finished)):
        if count != len(accepted):
            yield f"{len(accepted)} jobs were accepted, {count} {name}"
    if state.leftovers:
        yield f"every job has ended, and these keys are left: {', '.join(state.leftovers)}"


def failed_by_kills(result: TaskResult, state: FinalState, kills: Sequence[Kill]) -> bool:
    """Return whether the job had to fail, because a kill interrupted each of its attempts."""
    execution = result.execution
    if execution is None or execution.error is None or execution.error.type != "sandbox_failure":
        return False
    job_id = execution.id
    interruptions = sum(job_id in kill.running and kill.victim != "api" for kill in kills)
    return interruptions >= ATTEMPTS and state.attempts.get(job_id) == ATTEMPTS
