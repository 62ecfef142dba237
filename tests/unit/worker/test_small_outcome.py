from dataclasses import replace

from jobs.files import Artifact
from jobs.outcome import ErrorType, Outcome
from worker.small_outcome import small_outcome, without_contents

OUTCOME = Outcome(result={"ok": True}, artifacts=(Artifact("a", 3, "ab", b"abc"), Artifact("b", 9, None)))


def test_outcome_without_contents_lists_every_artifact_as_dropped() -> None:
    assert without_contents(OUTCOME) == replace(
        OUTCOME, artifacts=(Artifact("a", 3, None), Artifact("b", 9, None))
    )


def test_small_outcome_is_unchanged_when_it_is_small() -> None:
    outcome = Outcome(result={}, stdout="x" * 50_000)
    assert small_outcome(outcome) is outcome


def test_small_outcome_is_a_failure_of_the_service_when_the_output_is_large() -> None:
    error = small_outcome(replace(OUTCOME, stdout="é" * 40_000)).error
    assert error is not None
    assert error.type is ErrorType.SANDBOX_FAILURE
    assert "room" in error.message
