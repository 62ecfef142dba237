import pytest

from store.lua_source import script_names
from tests.check_lua import faults, script_text


@pytest.mark.parametrize("name", script_names())
def test_script_has_no_fault(name: str) -> None:
    assert faults(script_text(name)) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("local a = b", "b is not declared"),
        ("local a = {} return a[b]", "b is not declared"),
        ("local function f(x) return x end return g(1)", "g is not declared"),
        ("for i = 1, n do redis.call('GET', i) end", "n is not declared"),
        ("a = 1", "a is not declared"),
        ("return return", "it cannot be parsed"),
    ],
)
def test_faults_describes_the_fault_of_a_script(text: str, fault: str) -> None:
    (found,) = faults(text)
    assert found.startswith(fault)


def test_faults_accepts_fields_arguments_and_loops() -> None:
    text = "local t = {key = 1} for k, v in ipairs(t) do t.key = function(a, ...) return a, k, v end end return t.x"
    assert faults(text) == []
