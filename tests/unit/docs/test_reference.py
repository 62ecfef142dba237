"""The README's tables, held against the code."""

import re

import pytest
from pydantic.fields import FieldInfo

from api import errors, refusal
from api.metrics import Metrics
from config.settings import Settings
from jobs import limits
from jobs.outcome import ErrorType
from store.statistics import Standing
from tests.support.checkout import ROOT
from tests.support.readme import table


def _default(field: FieldInfo) -> str:
    if field.default_factory or field.default is None:
        return "–"
    return f"`{field.default:g}`" if isinstance(field.default, float) else f"`{field.default}`"


def test_the_settings_table_is_the_settings() -> None:
    fields = Settings.model_fields.items()
    rows = [[f"`{name.upper()}`", _default(field), field.description] for name, field in fields]
    assert table("Settings") == rows


def test_the_limits_table_is_the_limits() -> None:
    default, ceiling = limits.DEFAULT, limits.CEILING
    memory = [str(default.memory_mb), str(ceiling.memory_mb)]
    fixed = {
        "`/tmp`, MB": limits.TMP_BYTES / limits.MB,
        "`/tmp`, files": limits.TMP_FILES,
        "`stdout` and `stderr`, MB each": limits.OUTPUT_BYTES / limits.MB,
        "result, MB": limits.RESULT_BYTES / limits.MB,
        "request body, MB": limits.REQUEST_BYTES / limits.MB,
    }
    assert [row[:3] for row in table("Limits")] == [
        ["`timeout`, seconds of wall time", f"{default.timeout:g}", f"{ceiling.timeout:g}"],
        ["`cpu`, seconds of CPU time of all processes", "as `timeout`", f"{ceiling.cpu:g}"],
        ["`memory_mb`, MB of all processes and `/tmp` together", *memory],
        ["`processes`, threads counted", f"{default.processes}", f"{ceiling.processes}"],
        *([name, f"{value:g}", f"{value:g}"] for name, value in fixed.items()),
    ]


def test_the_settings_default_to_the_same_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    settings = Settings()
    assert settings.timeout == limits.DEFAULT.timeout
    assert settings.memory_mb == limits.DEFAULT.memory_mb
    assert settings.processes == limits.DEFAULT.processes
    assert settings.timeout_max == limits.CEILING.timeout
    assert settings.cpu_max == limits.CEILING.cpu
    assert settings.memory_mb_max == limits.CEILING.memory_mb
    assert settings.processes_max == limits.CEILING.processes


def test_the_errors_of_a_job_are_those_it_can_have() -> None:
    assert [row[0] for row in table("Errors of a job")] == [f"`{error}`" for error in ErrorType]


def test_the_errors_of_a_request_are_those_the_api_gives() -> None:
    sources = "".join(path.read_text() for path in (ROOT / "validation").rglob("*.py"))
    rejections = re.findall(r'[Rr]ejection\(\s*"(\w+)"', sources)
    given = {(status.value, name) for status, name in errors._TABLE.values()}
    given |= {(status, name) for status, (name, _) in errors._HTTP.items()}
    given |= {(400, name) for name in rejections}
    given |= {(status.value, name) for status, name in refusal.TYPES.items()}
    told = [(int(status), name.strip("`")) for status, name, _ in table("Errors of a request")]
    assert sorted(told) == sorted(given)


def test_the_metrics_table_is_what_is_measured() -> None:
    metrics = Metrics()
    metrics.count("GET", "/jobs", 200, 0.1)
    text = metrics.text(Standing({}, 0, {}), []).decode()
    types = dict(re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE))
    told = {name.strip("`"): meaning for name, meaning in table("Watching it")}
    assert {name for name in types if not name.endswith("_created")} == set(told)
    for name, meaning in told.items():
        assert (types[name] == "histogram") == meaning.startswith("histogram: ")
        assert (types[name] == "counter") == name.endswith("_total")


def test_the_commands_table_is_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text()
    commands = re.findall(r"^([a-z-]+):.*?## (.*)$", makefile, re.MULTILINE)
    assert table("Commands") == [[f"`make {name}`", what] for name, what in commands]


def test_the_rooms_table_names_folders_that_exist() -> None:
    for folder, _ in table("How it is put together"):
        assert (ROOT / folder.strip("`")).is_dir()
