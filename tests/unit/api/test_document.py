"""The OpenAPI document: schemas, examples and descriptions."""

import re
from dataclasses import fields
from typing import Any

import pytest
from flask.testing import FlaskClient

from api import examples, schemas
from api.app import create_app
from api.public_json import job_object
from api.request_examples import EXAMPLES
from config.settings import Settings
from jobs.environment import Environment, Package
from jobs.limits import Limits
from jobs.outcome import JobError, Usage
from jobs.status import Status
from store.record import Record
from tests.support.answers import content
from tests.support.credentials import NO_KEYS


@pytest.fixture
def client() -> FlaskClient:
    """Return a client of an application whose Redis is down."""
    return create_app(Settings(redis_url="redis://127.0.0.1:1", timeout_max=7), NO_KEYS).test_client()


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    return content(client.get("/openapi.json"))


def test_job_schema_has_the_fields_of_the_public_job() -> None:
    record = Record("x", Status.QUEUED, Limits(), created_ms=0)
    assert list(schemas.Job.model_fields) == list(job_object(record))
    assert set(schemas.Usage.model_fields) == set(job_object(record)["usage"])
    assert list(schemas.JobLimits.model_fields) == [field.name for field in fields(Limits)]
    assert list(schemas.JobError.model_fields) == [field.name for field in fields(JobError)]
    assert {field.name for field in fields(Usage)} < set(schemas.Usage.model_fields)


@pytest.mark.parametrize(
    "example", [examples.QUEUED_JOB, examples.SUCCEEDED_JOB, examples.FAILED_JOB, examples.CANCELLED_JOB]
)
def test_example_is_unchanged_when_parsed_as_a_job(example: dict[str, Any]) -> None:
    assert schemas.Job.model_validate(example).model_dump(mode="json") == example


def test_environment_schema_has_the_fields_of_an_environment() -> None:
    assert list(schemas.Environment.model_fields) == [field.name for field in fields(Environment)]
    assert list(schemas.Package.model_fields) == [field.name for field in fields(Package)]
    listed = schemas.EnvironmentList.model_validate(examples.ENVIRONMENTS)
    assert listed.model_dump(mode="json") == examples.ENVIRONMENTS


def test_queue_example_is_unchanged_when_parsed_as_an_answer() -> None:
    assert schemas.Queue.model_validate(examples.QUEUE).model_dump(mode="json") == examples.QUEUE


def test_every_response_has_a_description_and_an_example(document: dict[str, Any]) -> None:
    for path in document["paths"].values():
        for operation in path.values():
            for response in operation["responses"].values():
                assert response["description"]
                assert all("example" in content for content in response["content"].values())


def test_every_call_has_a_description_with_one_command_and_a_described_tag(document: dict[str, Any]) -> None:
    calls = [call for path in document["paths"].values() for call in path.values()]
    assert sorted(call["operationId"] for call in calls) == sorted(EXAMPLES)
    for call in calls:
        assert call["description"].count("```sh\n") == 1
    described = {tag["name"] for tag in document["tags"] if tag["description"]}
    assert {tuple(call["tags"]) for call in calls} == {(name,) for name in described}


def test_introduction_links_to_calls_of_the_document(document: dict[str, Any]) -> None:
    calls = [call for path in document["paths"].values() for call in path.values()]
    linked = re.findall(r"\(#(/\w+/\w+)\)", document["info"]["description"])
    assert linked
    assert set(linked) <= {f"/{call['tags'][0]}/{call['operationId']}" for call in calls}


def test_every_field_has_a_description(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        for field, details in schema.get("properties", {}).items():
            assert "description" in details, f"{name}.{field}"


def test_document_shows_the_ceiling_when_the_operator_sets_one(document: dict[str, Any]) -> None:
    timeout = document["components"]["schemas"]["AskedLimits"]["properties"]["timeout"]
    assert timeout["anyOf"][0] == {"type": "number", "exclusiveMinimum": 0, "maximum": 7}


@pytest.mark.parametrize("path", ["/execute", "/jobs"])
def test_submission_answers_503_when_redis_is_down(client: FlaskClient, path: str) -> None:
    response = client.post(path, json={"script": "def main(): ..."})
    assert response.status_code == 503
    assert "Retry-After" in response.headers
