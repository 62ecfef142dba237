from collections.abc import Callable


def test_service_holds_no_growing_resource_under_steady_load(assert_passes: Callable[..., None]) -> None:
    assert_passes("soak", "--seconds", "15")
