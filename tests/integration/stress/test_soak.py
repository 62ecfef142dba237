from collections.abc import Callable


def test_nothing_grows_under_steady_load(passes: Callable[..., None]) -> None:
    passes("soak", "--seconds", "15")
