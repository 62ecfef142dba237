"""The environments of a service that offers the packages of `data`, tested over HTTP."""

from typing import Any

import pytest

from jobs.environment import STDLIB
from sandbox.packages import Packages
from tests.support.examples import EXAMPLES, Example
from tests.support.service import Service

# The first run builds the environment.
pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def listed(offering: Service) -> dict[str, Any]:
    """Return the environments of the listing by name."""
    return {found["name"]: found for found in offering.client.get("/environments").json()}


@pytest.mark.parametrize(
    "example",
    [example for example in EXAMPLES if example.job.environment != STDLIB],
    ids=lambda example: example.name,
)
def test_example_with_packages_gets_its_answer(offering: Service, example: Example) -> None:
    answer = offering.execute(example.script, **example.request)
    assert answer.status_code == 200, answer.text
    job = answer.json()
    assert {field: job[field] for field in example.answer} == example.answer


def test_listing_has_the_packages_that_a_script_finds(offering: Service, listed: dict[str, Any]) -> None:
    assert list(listed) == ["data", "stdlib"]
    data = listed["data"]
    versions = {package["name"]: package["version"] for package in data["packages"]}
    assert {"numpy", "pandas", "matplotlib"} <= versions.keys()
    assert {"numpy", "pandas", "matplotlib", "PIL"} <= set(data["modules"])
    script = "import numpy, platform\nprint(numpy.__version__, platform.python_version())"
    job = offering.execute(script, mode="program", environment="data").json()
    assert job["stdout"].split() == [versions["numpy"], data["python"]]


def test_job_names_the_digest_of_the_environment_that_it_had(
    offering: Service, listed: dict[str, Any], data_packages: Packages
) -> None:
    jobs = {name: offering.execute("def main(): return {}", environment=name).json() for name in listed}
    for name, job in jobs.items():
        assert (job["status"], job["environment"]) == ("succeeded", name)
        assert job["environment_digest"] == listed[name]["digest"]
    assert jobs["data"]["environment_digest"] == data_packages.digest
    assert jobs["stdlib"]["environment_digest"] is None


def test_error_names_the_environment_that_has_a_missing_module(offering: Service) -> None:
    answer = offering.execute("import numpy\ndef main(): return {}")
    assert (answer.status_code, answer.json()["error"]["message"]) == (
        400,
        "only the standard library can be imported, not numpy: the environment data has it",
    )


def test_script_of_the_standard_library_finds_no_package_when_it_imports_one_at_run_time(
    offering: Service,
) -> None:
    script = "def main():\n    import numpy\n    return {}"
    job = offering.execute(script).json()
    assert job["error"]["message"] == "ModuleNotFoundError: No module named 'numpy'"


def test_unknown_environment_is_refused_with_the_names_there_are(offering: Service) -> None:
    error = offering.execute("def main(): return {}", environment="dat").json()["error"]
    assert error["type"] == "unknown_environment"
    assert error["message"].endswith("the environments are data, stdlib")
