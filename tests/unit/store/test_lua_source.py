import re
from pathlib import Path

import pytest

import store
from store.lua_source import script_names, source

_LUA = Path(store.__file__).parent / "lua"
_DEFINITION = re.compile(r"^local (?:function )?(\w+)", re.MULTILINE)


def _defined(text: str) -> set[str]:
    return set(_DEFINITION.findall(text))


@pytest.mark.parametrize("name", script_names())
def test_source_contains_each_definition_that_the_script_uses_and_no_other(name: str) -> None:
    text = source(name)
    own = _defined((_LUA / f"{name}.lua").read_text("utf-8"))
    unused = {one for one in _defined(text) - own if len(re.findall(rf"\b{one}\b", text)) == 1}
    assert unused == set()


def test_source_reads_the_time_only_in_scripts_that_use_it() -> None:
    assert "redis.call('TIME')" in source("renew")
    assert "redis.call('TIME')" not in source("list")


def test_each_step_is_used_by_a_script() -> None:
    steps = set().union(*(_defined(path.read_text("utf-8")) for path in (_LUA / "steps").glob("*.lua")))
    used = set().union(*(_defined(source(name)) for name in script_names()))
    assert steps - used == set()


def test_source_allows_writes_when_redis_is_full_only_if_asked() -> None:
    assert source("finish").startswith("#!lua flags=allow-oom\n")
    assert source("finish", when_full=False).startswith("#!lua\n")
