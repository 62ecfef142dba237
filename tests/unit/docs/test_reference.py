"""The tables of the reference, compared with the code."""

import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import fields as fields_of
from typing import Any

import click
import pytest
from click.testing import CliRunner
from flask import Flask
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from api import connection, errors, refusal, request_body, schemas
from api.app import create_app
from api.metrics import Metrics
from api.submission import AskedLimits, Submission
from api.submitted_files import SubmittedFile
from cli.main import main
from config.credentials import Credentials
from config.settings import Settings
from doctor import catalogue
from doctor.finding import Finding, Status
from jobs import limits
from jobs.environment import Environment
from jobs.limits import Limits
from jobs.outcome import ErrorType
from store.statistics import Statistics
from tests.support.checkout import ROOT
from tests.support.documents import Document, document
from validation import left_out
from validation.restricted.builtins import DENIED_BUILTINS
from validation.restricted.modules import LEFT_OUT, PERMITTED
from validation.restricted.policy import INTROSPECTION


def reference(name: str) -> Document:
    return document(f"docs/reference/{name}.md")


def quoted(text: str) -> list[str]:
    """Return the texts in backticks."""
    return re.findall(r"`([^`]*)`", text)


def _default(field: FieldInfo) -> str:
    if field.default_factory or field.default is None:
        return "–"
    return f"`{field.default:g}`" if isinstance(field.default, float) else f"`{field.default}`"


def test_settings_table_lists_every_setting() -> None:
    fields = Settings.model_fields.items()
    rows = [[f"`{name.upper()}`", _default(field), field.description] for name, field in fields]
    table = "\n".join(f"| {' | '.join(map(str, row))} |" for row in rows)
    assert reference("settings").table("Settings") == rows, f"the table should be\n{table}"


def test_limits_table_lists_every_limit() -> None:
    settings = {name: field.default for name, field in Settings.model_fields.items()}
    fixed = {
        "`/tmp`, MB": limits.TMP_BYTES / limits.MB,
        "`/tmp`, files": limits.TMP_FILES,
        "`stdout` and `stderr`, MB each": limits.OUTPUT_BYTES / limits.MB,
        "result, MB": limits.RESULT_BYTES / limits.MB,
        "request body, MB": limits.REQUEST_BYTES / limits.MB,
        "request body with the contents of files, MB": limits.BODY_BYTES / limits.MB,
        "`files`, number": limits.FILES,
        "`files`, MB together": limits.FILES_BYTES / limits.MB,
        "`artifacts`, patterns": limits.PATTERNS,
        "`artifacts`, files that are kept": limits.ARTIFACTS,
        "`artifacts`, MB that are kept together": limits.ARTIFACTS_BYTES / limits.MB,
        "`artifacts`, files that are listed": limits.ARTIFACTS_LISTED,
        "`argv`, strings": limits.ARGV_STRINGS,
        "`argv`, KB of all strings in UTF-8": limits.ARGV_BYTES / 1024,
    }

    def shown(*names: str) -> list[str]:
        return [f"{settings[name]:g}" for name in names]

    assert [row[:3] for row in reference("limits").table("Limits")] == [
        ["`timeout`, seconds of wall time", *shown("timeout", "timeout_max")],
        ["`cpu`, seconds of CPU time of all processes", "as `timeout`", *shown("cpu_max")],
        ["`memory_mb`, MB of all processes and `/tmp` together", *shown("memory_mb", "memory_mb_max")],
        ["`processes`, threads counted", *shown("processes", "processes_max")],
        *([name, f"{value:g}", f"{value:g}"] for name, value in fixed.items()),
    ]


def test_limits_table_of_an_api_key_lists_every_setting_of_a_key() -> None:
    defaults = {
        name.upper(): field.default
        for name, field in Settings.model_fields.items()
        if name.startswith("key_")
    }
    shown = {"none": 0, "128 MB": 128 * limits.MB}
    rows = reference("limits").table("Limits of an API key")
    assert {name.strip("`"): float(shown.get(text, text)) for name, text, *_ in rows} == defaults


def test_limits_table_of_a_request_has_the_bounds_of_a_body() -> None:
    values = {name: value for name, value, _ in reference("limits").table("Limits of a request")}
    assert values["chunks of a body"] == f"{request_body._CHUNKS:,}"
    assert values["body with the sizes of its chunks, MB"] == f"{connection._RECEIVED_BYTES / limits.MB:g}"


def test_limits_page_names_the_least_memory() -> None:
    assert f"The least `memory_mb` is {limits.MEMORY_MB_LEAST}:" in reference("limits").text


def test_settings_default_to_the_default_limits() -> None:
    default, fields = Limits(), Settings.model_fields
    assert fields["timeout"].default == default.timeout
    assert fields["memory_mb"].default == default.memory_mb
    assert fields["processes"].default == default.processes


def test_job_errors_table_lists_every_error_type() -> None:
    documented = [row[0] for row in reference("errors").table("Errors of a job")]
    assert documented == [f"`{error}`" for error in ErrorType]


def test_request_errors_table_lists_every_error_of_the_api() -> None:
    sources = "".join(path.read_text() for path in (ROOT / "validation").rglob("*.py"))
    rejections = re.findall(r'[Rr]ejection\(\s*"(\w+)"', sources)
    given = {(status.value, name) for status, name in errors._TABLE.values()}
    given |= {(status, name) for status, (name, _) in errors._HTTP.items()}
    given |= {(400, name) for name in rejections}
    given |= {(status.value, name) for status, name in refusal.TYPES.items()}
    table = reference("errors").table("Errors of a request")
    assert sorted((int(status), name.strip("`")) for status, name, _ in table) == sorted(given)


def test_metrics_table_lists_every_metric() -> None:
    metrics = Metrics()
    metrics.count("GET", "/jobs", 200, 0.1)
    text = metrics.text(Statistics({}, 0, {}), []).decode()
    types = dict(re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE))
    documented = {name.strip("`"): meaning for name, meaning in reference("metrics").table("Metrics")}
    assert {name for name in types if not name.endswith("_created")} == set(documented)
    for name, meaning in documented.items():
        assert (types[name] == "histogram") == meaning.startswith("histogram: ")
        assert (types[name] == "counter") == name.endswith("_total")


def test_how_to_pages_name_only_existing_metrics() -> None:
    known = {name.strip("`") for name, _ in reference("metrics").table("Metrics")}
    known |= {f"{name}_bucket" for name in known}
    for page in ("monitoring", "upgrade", "kubernetes"):
        used = re.findall(r"python_executor_\w+", document(f"docs/how-to/{page}.md").text)
        assert used
        assert set(used) <= known


@pytest.fixture
def app() -> Flask:
    return create_app(Settings(), Credentials({}))


def test_calls_table_lists_every_route(app: Flask) -> None:
    routes = {
        f"{method} {path}"
        for rule in app.url_map.iter_rules()
        for path in [re.sub(r"<(?:path:|job_)?(\w+)>", r"<\1>", rule.rule)]
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    documented = {quoted(row[0])[0] for row in reference("http-api").table("Calls")}
    # The pages load their scripts and styles from there.
    own = ("GET /swagger/", "GET /pages/", "GET /docs/")
    assert documented == {route for route in routes if not route.startswith(own)}


def test_calls_table_names_only_statuses_of_the_openapi_document(app: Flask) -> None:
    document: dict[str, Any] = app.test_client().get("/openapi.json").get_json()
    paths = {re.sub(r"{(?:job_)?(\w+)}", r"<\1>", path): calls for path, calls in document["paths"].items()}
    compared = 0
    for call, answers in reference("http-api").table("Calls"):
        method, path = quoted(call)[0].split()
        if path in paths:
            statuses = set(re.findall(r"\b[2-5]\d\d\b", answers))
            assert statuses
            assert statuses <= paths[path][method.lower()]["responses"].keys(), call
            compared += 1
    assert compared == sum(len(calls) for calls in paths.values())


def test_submission_table_lists_every_field() -> None:
    table = reference("http-api").table("Submission")
    assert [row[0].strip("`") for row in table] == list(Submission.model_fields)
    for name, kind, _ in table:
        assert ("required" in kind) == Submission.model_fields[name.strip("`")].is_required()
    limit_fields = next(row[2] for row in table if row[0] == "`limits`")
    assert quoted(limit_fields)[: len(AskedLimits.model_fields)] == list(AskedLimits.model_fields)


def test_job_table_lists_every_field() -> None:
    table = dict(reference("http-api").table("Job"))
    assert [name.strip("`") for name in table] == list(schemas.Job.model_fields)
    assert set(quoted(table["`usage`"])) == set(schemas.Usage.model_fields)
    assert set(schemas.JobError.model_fields) <= set(quoted(table["`error`"]))


def test_file_tables_list_every_field() -> None:
    page = reference("http-api")
    for heading, model in (("Files", SubmittedFile), ("Artifacts", schemas.Artifact)):
        assert [row[0].strip("`") for row in page.table(heading)] == list(model.model_fields)


def test_queue_tables_list_every_field() -> None:
    page = reference("http-api")
    models: dict[str, type[BaseModel]] = {
        "Queue": schemas.Queue,
        "Workers of the queue": schemas.QueueWorker,
        "Intervals": schemas.QueueInterval,
        "Summaries of jobs": schemas.JobSummary,
    }
    for heading, model in models.items():
        assert [row[0].strip("`") for row in page.table(heading)] == list(model.model_fields)
    queue, intervals = dict(page.table("Queue")), dict(page.table("Intervals"))
    assert set(schemas.QueueTotals.model_fields) <= set(quoted(queue["`totals`"]))
    assert set(schemas.QueuedJobs.model_fields) <= set(quoted(queue["`queued`"]))
    assert set(schemas.Durations.model_fields) <= set(quoted(intervals["`waits`"]))


def test_make_table_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    commands = re.findall(r"^([a-z-]+):.*?## (.*)$", makefile, re.MULTILINE)
    assert reference("commands").table("make") == [[f"`make {name}`", what] for name, what in commands]


def test_commands_table_lists_every_command() -> None:
    def usage(name: str, command: click.Command) -> str:
        parameters = [parameter.human_readable_name for parameter in command.params]
        return " ".join(["python-executor", name, *parameters])

    documented = {quoted(row[0])[0]: row[1] for row in reference("commands").table("python-executor")}
    assert documented == {
        usage(name, command): (command.help or "").splitlines()[0] for name, command in main.commands.items()
    }
    assert CliRunner().invoke(main, ["--help"]).exit_code == 0


def test_selftest_table_lists_every_option() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "sandbox", "selftest", "--help"],
        capture_output=True,
        check=True,
        cwd=ROOT,
        text=True,
    )
    table = reference("commands").table("python -m sandbox selftest")
    assert {quoted(row[0])[0] for row in table} == set(re.findall(r"--\w+", ran.stdout)) - {"--help"}


def test_doctor_tables_list_every_option_and_field() -> None:
    ran = subprocess.run(
        [ROOT / ".venv/bin/python", "-m", "doctor", "--help"],
        capture_output=True,
        check=True,
        cwd=ROOT,
        text=True,
    )
    page = reference("commands")
    options, fields = re.findall(r"(?:^\|.*\n)+", page.section("python-executor doctor"), re.MULTILINE)
    usage, _, _ = ran.stdout.partition("examples:")
    assert {quoted(row)[0] for row in options.splitlines()[2:]} == set(re.findall(r"--\w+", usage)) - {
        "--help"
    }
    assert [quoted(row)[0] for row in fields.splitlines()[2:]] == [field.name for field in fields_of(Finding)]
    for status in Status:
        assert f"`{status}`" in fields


def test_environment_tables_list_every_command_and_field() -> None:
    page = reference("commands")
    documented, fields = re.findall(
        r"(?:^\|.*\n)+", page.section("python-executor environment"), re.MULTILINE
    )
    ran = subprocess.run(
        [ROOT / ".venv/bin/python", "-m", "environments", "--help"],
        capture_output=True,
        check=True,
        cwd=ROOT,
        text=True,
    )
    commands = dict(re.findall(r"^    ([a-z]+)  +(.*)$", ran.stdout, re.MULTILINE))
    rows = [row.strip("|\n ").split(" | ") for row in documented.splitlines()[2:]]
    assert {quoted(name)[0].split()[1]: what for name, what in rows} == commands
    announced = {field.name for field in fields_of(Environment)} - {"preloaded"}
    assert {quoted(row)[0] for row in fields.splitlines()[2:]} == announced | {"folder"}


def test_doctor_page_lists_every_finding_in_order() -> None:
    documented = [row[0].strip("`") for row in document("docs/how-to/doctor.md").table("The findings")]
    checks = catalogue.checks(Settings(), [], [])
    assert documented == [name for check in checks for name in (check.name, *check.others)]


def test_setup_script_table_lists_every_option() -> None:
    ran = subprocess.run([ROOT / "setup_local.sh", "--help"], capture_output=True, check=True, text=True)
    usage = re.findall(r"^(\./setup_local\.sh(?: --[\w-]+)?)  ", ran.stdout, re.MULTILINE)
    assert [quoted(row[0])[0] for row in reference("commands").table("setup_local.sh")] == usage


def test_compose_table_has_the_defaults_of_the_files() -> None:
    files = [ROOT / "docker-compose.yml", *(ROOT / "deploy/compose").glob("*.yml")]
    read = dict(re.findall(r"\$\{(\w+):-(.*?)\}", "".join(path.read_text() for path in files)))
    settings = {name.upper() for name in Settings.model_fields}
    for variable, default, _ in document("docs/how-to/compose.md").table("Settings"):
        assert variable.strip("`") not in settings
        assert read[variable.strip("`")] == default.strip("`")


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


def _by_reason(reasons: Mapping[str, str]) -> list[list[str]]:
    """Return rows of a reason and the names that have it."""
    return [
        [reason, _names(name for name, why in reasons.items() if why == reason)]
        for reason in sorted(set(reasons.values()))
    ]


def _check_restricted_language_table(heading: str, rows: list[list[str]]) -> None:
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    assert reference("restricted-language").table(heading) == rows, f"the table should be\n{table}"


def test_restricted_language_page_lists_every_module() -> None:
    listed = quoted(reference("restricted-language").section("Modules").partition("|")[0])
    assert listed == list(PERMITTED), _names(PERMITTED)


def test_restricted_language_page_lists_the_names_of_partly_permitted_modules() -> None:
    granted = {name: module.granted for name, module in PERMITTED.items()}
    _check_restricted_language_table(
        "Modules", [[f"`{name}`", _names(names)] for name, names in granted.items() if names]
    )


def test_restricted_language_page_lists_every_withheld_name() -> None:
    rows = [[f"`{name}`", *row] for name, module in PERMITTED.items() for row in _by_reason(module.withheld)]
    _check_restricted_language_table("Names that modules do not have", rows)


def test_restricted_language_page_lists_every_module_left_out() -> None:
    _check_restricted_language_table("Modules that are left out", _by_reason(LEFT_OUT))


def test_restricted_language_page_lists_every_denied_builtin() -> None:
    shown = {name: why for name, why in DENIED_BUILTINS.items() if not name.startswith("__")}
    _check_restricted_language_table("Builtins that are missing", _by_reason(shown))


def test_restricted_language_page_lists_every_refused_name() -> None:
    page = reference("restricted-language")
    assert set(quoted(page.section("Names that are refused"))) >= INTROSPECTION


def test_jail_page_lists_every_module_left_out() -> None:
    rows = _by_reason(left_out.LEFT_OUT)
    assert reference("jail").table("Modules that are left out") == rows, rows


def test_rooms_table_lists_every_room() -> None:
    rooms = {row[0].strip("`/") for row in document("docs/explanation/architecture.md").table("The rooms")}
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages <= rooms
    assert all((ROOT / room).is_dir() for room in rooms)
