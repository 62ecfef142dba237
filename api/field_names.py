"""Unknown fields of a request: the error names the right field."""

import re
import sys
from collections.abc import Callable, Collection, Iterable
from difflib import get_close_matches
from typing import Any, Final

from pydantic_core import PydanticCustomError

#: The type of the error for an unknown field.
UNKNOWN_FIELD: Final = "unknown_field"

#: Names that clients of similar services use, by the field that they mean here.
_OTHER_NAMES: Final = {
    "script": "code content program script_content source source_code src",
    "inputs": "args arguments input kwargs parameters params",
    "environment": "env image packages requirements venv virtualenv",
    "stdin": "standard_input stdin_data",
    "limits.timeout": "run_timeout time time_limit wall_time wall_time_limit",
    "limits.cpu": "cpu_limit cpu_time cpu_time_limit",
    "limits.memory_mb": "mem memory memory_limit memory_limit_mb ram run_memory_limit",
    "limits.processes": "max_processes pids process_limit threads",
}

#: The field that a client means with a list, by the field that it means with an object.
_FOR_LISTS: Final = {"inputs": "argv"}

#: Names that clients use where a service runs several languages.
_LANGUAGE: Final = "interpreter lang language language_id language_version python_version runtime version"

#: The most characters of a name that are compared with others.
_COMPARED: Final = 40


def check_names(
    fields: Any, known: Collection[str], paths: Callable[[], Iterable[str]], noun: str = "field"
) -> Any:
    """Return an object of a request if it has known fields only.

    Pydantic would report every unknown field of thousands, and a missing field before them.

    Args:
        fields: The object. Anything else is returned too.
        known: The names of its fields.
        paths: Returns the fields that an unknown one may mean, as dotted paths.
        noun: What a field is called in the message.

    Raises:
        PydanticCustomError: A field is unknown. The context has its `name` and the `reason`.
    """
    if isinstance(fields, dict):
        for name in fields:
            if name not in known:
                reason = f"this {noun} is not known; {_hint(name, fields[name], known, paths(), noun)}"
                raise PydanticCustomError(UNKNOWN_FIELD, "{reason}", {"name": name, "reason": reason})
    return fields


def _hint(name: str, value: Any, known: Collection[str], paths: Iterable[str], noun: str) -> str:
    if right := meant_field(name, value, paths):
        return f"did you mean {right}?"
    if noun == "field" and _plain(name) in map(_plain, _LANGUAGE.split()):
        return f"every script runs in Python {sys.version_info.major}.{sys.version_info.minor}"
    if not known:
        return f"this call takes no {noun}s"
    names = ", ".join(known)
    return f"the {noun}s are {names}" if len(known) > 1 else f"the only {noun} is {names}"


def meant_field(name: str, value: Any, paths: Iterable[str]) -> str | None:
    """Return the path that a client means with a name and a value, None if no path is similar."""
    known = {_plain(path.rpartition(".")[2]): path for path in paths}
    plain = _plain(name)
    for path, others in _OTHER_NAMES.items():
        if plain in map(_plain, others.split()) and path in known.values():
            for_list = _FOR_LISTS.get(path)
            return for_list if isinstance(value, list) and for_list in known.values() else path
    return next((known[close] for close in get_close_matches(plain, known, n=1, cutoff=0.65)), None)


def _plain(name: str) -> str:
    """Return the letters of a name: `memory_mb`, `memoryMb` and `memory-mb` are one."""
    return re.sub("[^a-z]", "", name[:_COMPARED].lower())
