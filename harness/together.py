"""Several contexts at the same time: services that start and stop one after the other take their sum."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
Result = TypeVar("Result")


@contextmanager
def enter_together(contexts: Mapping[Key, AbstractContextManager[Value]]) -> Iterator[dict[Key, Value]]:
    """Enter contexts at the same time, and leave them at the same time.

    If one cannot be entered, the others are left and its exception is raised.
    """
    entered: list[AbstractContextManager[Value]] = []

    def enter(context: AbstractContextManager[Value]) -> Value:
        value = context.__enter__()
        entered.append(context)
        return value

    try:
        values = _call_all([partial(enter, context) for context in contexts.values()])
        yield dict(zip(contexts, values, strict=True))
    finally:
        _call_all([partial(context.__exit__, None, None, None) for context in entered])


def enter_all(
    stack: ExitStack, contexts: Mapping[Key, AbstractContextManager[Value]], *, together: bool
) -> dict[Key, Value]:
    """Enter contexts until the end of the stack, at the same time or one after the other."""
    if together:
        return stack.enter_context(enter_together(contexts))
    return {key: stack.enter_context(context) for key, context in contexts.items()}


def _call_all(functions: Iterable[Callable[[], Result]]) -> list[Result]:
    """Call each function in a thread, wait for all of them, and return their values or raise an exception."""
    with ThreadPoolExecutor(max_workers=16) as threads:
        futures: list[Future[Result]] = [threads.submit(function) for function in functions]
        wait(futures)
    return [future.result() for future in futures]
