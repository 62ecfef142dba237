from collections.abc import Callable


def test_every_honest_job_succeeds_beside_all_attacks_of_another_key(
    assert_passes: Callable[..., None],
) -> None:
    assert_passes("fairness", "--seconds", "3", "together")
