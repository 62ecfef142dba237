from collections.abc import Callable


def test_resources_of_the_service_do_not_grow_under_steady_load(assert_passes: Callable[..., None]) -> None:
    assert_passes("soak", "--seconds", "15")
