"""The fields of a JSON object, each with the type that it must have."""

from collections.abc import Iterator
from typing import Any, Final, TypeVar

T = TypeVar("T")

#: What a field can lack.
_MISSING: Final = object()

#: The largest number that a field can have. Arithmetic with larger ones can fail.
_LARGEST: Final = 2**63


class Fields:
    """A JSON object. Its methods raise ValueError, which names the field, for a value of another type."""

    def __init__(self, data: Any) -> None:
        if not isinstance(data, dict):
            raise ValueError(f"a {type(data).__name__} instead of an object")
        self._data = data

    def required(self, name: str, kind: type[T]) -> T:
        """Return a field that must be there."""
        value = self._data.get(name, _MISSING)
        if value is _MISSING:
            raise ValueError(f"{name} is missing")
        return _check(name, value, kind)

    def optional(self, name: str, kind: type[T]) -> T | None:
        """Return a field, None if it is null or missing."""
        value = self._data.get(name)
        return None if value is None else _check(name, value, kind)

    def number(self, name: str) -> float | None:
        """Return a number, None if it is null or missing."""
        value = self._data.get(name)
        if value is None:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool):
            # JSON has numbers of any size. This also refuses NaN.
            if not -_LARGEST <= value <= _LARGEST:
                raise ValueError(f"{name} is too large")
            return value
        raise ValueError(f"{name} is a {type(value).__name__}")

    def fields(self, name: str) -> "Fields | None":
        """Return an object, None if it is null or missing."""
        value = self.optional(name, dict)
        return None if value is None else Fields(value)

    def objects(self, name: str) -> "Iterator[Fields]":
        """Yield the objects of a list."""
        return map(Fields, self.required(name, list))

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of strings."""
        return tuple(_check(name, each, str) for each in self.required(name, list))

    def __contains__(self, name: str) -> bool:
        return name in self._data


def _check(name: str, value: Any, kind: type[T]) -> T:
    # In Python a bool is an int, in JSON it is not.
    if isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
        if isinstance(value, int) and not -_LARGEST <= value <= _LARGEST:
            raise ValueError(f"{name} is too large")
        return value
    raise ValueError(f"{name} is a {type(value).__name__}")
