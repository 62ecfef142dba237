"""The tables of the reference, compared with the code."""

import re
import subprocess

import click
import pytest
from click.testing import CliRunner
from flask import Flask
from pydantic.fields import FieldInfo

from api import errors, refusal, schemas
from api.app import create_app
from api.metrics import Metrics
from api.submission import AskedLimits, Submission
from cli.main import main
from config.credentials import Credentials
from config.settings import Settings
from jobs import limits
from jobs.outcome import ErrorType
from sandbox.guest.restricted import language
from store.statistics import Standing
from tests.support.checkout import ROOT
from tests.support.documents import Document, document
from validation.restricted.policy import MODULES, WAYS_OUT


def reference(name: str) -> Document:
    return document(f"docs/reference/{name}.md")


def quoted(text: str) -> list[str]:
    """Return what stands in backticks."""
    return re.findall(r"`([^`]*)`", text)


def _default(field: FieldInfo) -> str:
    if field.default_factory or field.default is None:
        return "–"
    return f"`{field.default:g}`" if isinstance(field.default, float) else f"`{field.default}`"


def test_the_settings_table_is_the_settings() -> None:
    fields = Settings.model_fields.items()
    rows = [[f"`{name.upper()}`", _default(field), field.description] for name, field in fields]
    assert reference("settings").table("Settings") == rows


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
    assert [row[:3] for row in reference("limits").table("Limits")] == [
        ["`timeout`, seconds of wall time", f"{default.timeout:g}", f"{ceiling.timeout:g}"],
        ["`cpu`, seconds of CPU time of all processes", "as `timeout`", f"{ceiling.cpu:g}"],
        ["`memory_mb`, MB of all processes and `/tmp` together", *memory],
        ["`processes`, threads counted", f"{default.processes}", f"{ceiling.processes}"],
        *([name, f"{value:g}", f"{value:g}"] for name, value in fixed.items()),
    ]


def test_the_limits_page_names_the_least_memory() -> None:
    assert f"The least `memory_mb` is {limits.MEMORY_MB_LEAST}:" in reference("limits").text


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
    told = [row[0] for row in reference("errors").table("Errors of a job")]
    assert told == [f"`{error}`" for error in ErrorType]


def test_the_errors_of_a_request_are_those_the_api_gives() -> None:
    sources = "".join(path.read_text() for path in (ROOT / "validation").rglob("*.py"))
    rejections = re.findall(r'[Rr]ejection\(\s*"(\w+)"', sources)
    given = {(status.value, name) for status, name in errors._TABLE.values()}
    given |= {(status, name) for status, (name, _) in errors._HTTP.items()}
    given |= {(400, name) for name in rejections}
    given |= {(status.value, name) for status, name in refusal.TYPES.items()}
    table = reference("errors").table("Errors of a request")
    assert sorted((int(status), name.strip("`")) for status, name, _ in table) == sorted(given)


def test_the_metrics_table_is_what_is_measured() -> None:
    metrics = Metrics()
    metrics.count("GET", "/jobs", 200, 0.1)
    text = metrics.text(Standing({}, 0, {}), []).decode()
    types = dict(re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE))
    told = {name.strip("`"): meaning for name, meaning in reference("metrics").table("Metrics")}
    assert {name for name in types if not name.endswith("_created")} == set(told)
    for name, meaning in told.items():
        assert (types[name] == "histogram") == meaning.startswith("histogram: ")
        assert (types[name] == "counter") == name.endswith("_total")


def test_the_pages_about_metrics_name_only_those_there_are() -> None:
    known = {name.strip("`") for name, _ in reference("metrics").table("Metrics")}
    known |= {f"{name}_bucket" for name in known}
    for page in ("monitoring", "upgrade", "kubernetes"):
        used = re.findall(r"python_executor_\w+", document(f"docs/how-to/{page}.md").text)
        assert used
        assert set(used) <= known


@pytest.fixture
def app() -> Flask:
    return create_app(Settings(), Credentials({}))


def test_the_calls_are_the_routes(app: Flask) -> None:
    routes = {
        f"{method} {re.sub('<.*>', '<id>', rule.rule)}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    told = {quoted(row[0])[0] for row in reference("http-api").table("Calls")}
    # The page at /docs loads its scripts from there.
    assert told == {route for route in routes if not route.startswith("GET /swagger/")}


def test_the_fields_of_a_submission_are_those_it_has() -> None:
    table = reference("http-api").table("Submission")
    assert [row[0].strip("`") for row in table] == list(Submission.model_fields)
    for name, kind, _ in table:
        assert ("required" in kind) == Submission.model_fields[name.strip("`")].is_required()
    limit_fields = next(row[2] for row in table if row[0] == "`limits`")
    assert quoted(limit_fields)[: len(AskedLimits.model_fields)] == list(AskedLimits.model_fields)


def test_the_fields_of_a_job_are_those_it_has() -> None:
    table = dict(reference("http-api").table("Job"))
    assert [name.strip("`") for name in table] == list(schemas.Job.model_fields)
    assert set(quoted(table["`usage`"])) == set(schemas.Usage.model_fields)
    assert set(schemas.JobError.model_fields) <= set(quoted(table["`error`"]))


def test_the_make_commands_are_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text()
    commands = re.findall(r"^([a-z-]+):.*?## (.*)$", makefile, re.MULTILINE)
    assert reference("commands").table("make") == [[f"`make {name}`", what] for name, what in commands]


def test_the_commands_are_those_of_the_program() -> None:
    def usage(name: str, command: click.Command) -> str:
        parameters = [parameter.human_readable_name for parameter in command.params]
        return " ".join(["python-executor", name, *parameters])

    told = {quoted(row[0])[0]: row[1] for row in reference("commands").table("python-executor")}
    assert told == {usage(name, command): command.help for name, command in main.commands.items()}
    assert CliRunner().invoke(main, ["--help"]).exit_code == 0


def test_the_options_of_the_selftest_are_those_it_has() -> None:
    ran = subprocess.run(
        [ROOT / ".venv/bin/python", "-m", "sandbox", "selftest", "--help"],
        capture_output=True,
        check=True,
        cwd=ROOT,
        text=True,
    )
    table = reference("commands").table("python -m sandbox selftest")
    assert {quoted(row[0])[0] for row in table} == set(re.findall(r"--\w+", ran.stdout)) - {"--help"}


def test_the_usage_of_the_setup_script_is_what_it_prints() -> None:
    ran = subprocess.run([ROOT / "setup_local.sh", "--help"], capture_output=True, check=True, text=True)
    assert ran.stdout in [block.text for block in reference("commands").blocks]


def test_the_compose_settings_are_those_of_the_files() -> None:
    files = [ROOT / "docker-compose.yml", *(ROOT / "deploy/compose").glob("*.yml")]
    read = dict(re.findall(r"\$\{(\w+):-(.*?)\}", "".join(path.read_text() for path in files)))
    settings = {name.upper() for name in Settings.model_fields}
    for variable, default, _ in document("docs/how-to/compose.md").table("Settings"):
        assert variable.strip("`") not in settings
        assert read[variable.strip("`")] == default.strip("`")


def test_the_restricted_modules_are_those_it_has() -> None:
    assert quoted(reference("restricted-language").section("Modules").partition("|")[0]) == MODULES


def test_the_restricted_names_are_those_it_has() -> None:
    page = reference("restricted-language")
    granted = {quoted(module)[0]: set(quoted(names)) for module, names in page.table("Modules")}
    withheld = {
        quoted(module)[0]: set(quoted(names))
        for module, names in page.table("Names that modules do not have")
    }
    assert granted == language._GRANTED
    assert withheld == language._WITHHELD
    missing = {name for name in language._DENIED_BUILTINS if not name.startswith("__")}
    assert set(quoted(page.section("Builtins that are missing"))) == missing
    assert set(quoted(page.section("Names that are refused"))) >= WAYS_OUT


def test_the_rooms_table_names_folders_that_exist() -> None:
    rooms = {row[0].strip("`/") for row in document("docs/explanation/architecture.md").table("The rooms")}
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages <= rooms
    assert all((ROOT / room).is_dir() for room in rooms)
