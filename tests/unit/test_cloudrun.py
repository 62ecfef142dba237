"""deploy/cloud-run/service.yaml matches the schema of Cloud Run, and the service.

The tests in tests/containers run it.
"""

import json
from typing import Annotated, Any, Literal

import kubernetes_validate
import pytest
from pydantic import BaseModel, ConfigDict, Field, Json
from pydantic.alias_generators import to_camel

from api.app import create_app
from config.credentials import Credentials, load_credentials, new_key
from config.settings import Settings
from tests.support.checkout import ROOT
from tests.support.cloudrun import GRACE, load_manifest
from tests.support.manifests import Object, environment, megabytes, probes, service_settings

#: The value of each secret.
SECRETS = {"python-executor-api-keys": new_key("tests")[1]}

#: The most seconds that GET /jobs/<id>?wait= waits.
LONGEST_POLL = 60


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, strict=True)


class _RevisionAnnotations(_Strict):
    """The annotations of a revision. All values are strings."""

    min_scale: Annotated[Literal["1"], Field(alias="autoscaling.knative.dev/minScale")]
    max_scale: Annotated[Literal["1"], Field(alias="autoscaling.knative.dev/maxScale")]
    throttling: Annotated[Literal["false"], Field(alias="run.googleapis.com/cpu-throttling")]
    boost: Annotated[Literal["true"], Field(alias="run.googleapis.com/startup-cpu-boost")]
    environment: Annotated[Literal["gen1"], Field(alias="run.googleapis.com/execution-environment")]
    dependencies: Annotated[
        Json[dict[str, list[str]]], Field(alias="run.googleapis.com/container-dependencies")
    ]


class _RevisionMetadata(_Strict):
    annotations: _RevisionAnnotations


class _RevisionSpec(_Strict):
    service_account_name: str
    container_concurrency: int
    timeout_seconds: int
    containers: list[dict[str, Any]]


class _Revision(_Strict):
    metadata: _RevisionMetadata
    spec: _RevisionSpec


class _Traffic(_Strict):
    percent: Literal[100]
    latest_revision: Literal[True]


class _Spec(_Strict):
    template: _Revision
    traffic: list[_Traffic]


class _Metadata(_Strict):
    name: str
    annotations: dict[str, str]


class _Service(_Strict):
    """The part of Cloud Run's Service (API version 1) that the file uses."""

    api_version: Literal["serving.knative.dev/v1"]
    kind: Literal["Service"]
    metadata: _Metadata
    spec: _Spec


@pytest.fixture
def revision() -> _Revision:
    """The revision, with the variables of the file replaced."""
    service = load_manifest(REGION="europe-west1", PROJECT="project", VERSION="1")
    return _Service.model_validate(service).spec.template


@pytest.fixture
def containers(revision: _Revision) -> dict[str, Object]:
    """The containers of the revision by name."""
    return {container["name"]: container for container in revision.spec.containers}


def test_containers_match_the_schema_of_a_kubernetes_pod(revision: _Revision) -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "instance"}}
    spec = {"containers": revision.spec.containers}
    kubernetes_validate.validate({**pod, "spec": spec}, kubernetes_validate.latest_version(), strict=True)


def test_containers_use_only_the_fields_and_probes_of_cloud_run(containers: dict[str, Object]) -> None:
    assert len([port for container in containers.values() for port in container.get("ports", ())]) == 1
    for container in containers.values():
        known = {
            "name",
            "image",
            "command",
            "args",
            "ports",
            "env",
            "resources",
            "startupProbe",
            "livenessProbe",
        }
        assert container.keys() <= known
        assert container["resources"].keys() == {"limits"}
        # Cloud Run does not replace $(NAME), in variables or in arguments.
        assert "$(" not in json.dumps([container.get("command"), container.get("args"), container.get("env")])
        assert "PORT" not in environment(container, SECRETS)
        for probe in probes(container):
            assert "exec" not in probe
            assert probe["timeoutSeconds"] < probe["periodSeconds"]
            assert probe["periodSeconds"] * probe["failureThreshold"] <= 240


def test_redis_starts_first_and_has_a_startup_probe(
    revision: _Revision, containers: dict[str, Object]
) -> None:
    assert revision.metadata.annotations.dependencies == {"api": ["redis"], "worker": ["redis"]}
    assert containers.keys() == {"api", "worker", "redis"}
    assert containers["redis"]["startupProbe"]["tcpSocket"]["port"] == 6379


def test_probes_use_existing_routes(containers: dict[str, Object]) -> None:
    routes = {str(rule) for rule in create_app(Settings(), Credentials({})).url_map.iter_rules()}
    (port,) = containers["api"]["ports"]
    for field in ("startupProbe", "livenessProbe"):
        target = containers["api"][field]["httpGet"]
        assert target["path"] in routes
        assert target["port"] == port["containerPort"]


@pytest.mark.parametrize("part", ["api", "worker"])
def test_settings_of_the_file_are_valid(containers: dict[str, Object], part: str) -> None:
    assert {name.lower() for name in environment(containers[part], SECRETS)} <= Settings.model_fields.keys()
    settings = _settings(containers, part)
    assert settings.redis_url == "redis://127.0.0.1:6379/0"
    if part == "api":
        assert settings.host == "0.0.0.0"
        assert load_credentials(settings).required


def test_worker_selects_its_sandbox_at_start_up(containers: dict[str, Object]) -> None:
    assert _settings(containers, "worker").sandbox == "auto"


def test_longest_wait_is_shorter_than_the_request_timeout_of_cloud_run(
    revision: _Revision, containers: dict[str, Object]
) -> None:
    settings = _settings(containers, "api")
    assert settings.execute_wait is not None
    assert settings.execute_wait > settings.timeout_max
    assert max(settings.execute_wait, LONGEST_POLL) < revision.spec.timeout_seconds


def test_api_has_more_connections_than_concurrent_requests(
    revision: _Revision, containers: dict[str, Object]
) -> None:
    settings = _settings(containers, "api")
    assert settings.api_processes * settings.api_connections > revision.spec.container_concurrency


def test_shutdown_grace_is_shorter_than_that_of_cloud_run(containers: dict[str, Object]) -> None:
    assert _settings(containers, "worker").shutdown_grace < GRACE - 2


def test_limits_of_the_worker_cover_its_jobs(containers: dict[str, Object]) -> None:
    workers = _settings(containers, "worker").workers
    memory_mb_max = _settings(containers, "api").memory_mb_max
    limits = containers["worker"]["resources"]["limits"]
    assert megabytes(limits["memory"]) >= workers * memory_mb_max + 512
    assert float(limits["cpu"]) >= workers


def test_instance_has_a_number_of_cpus_that_cloud_run_offers(containers: dict[str, Object]) -> None:
    cpus = [float(container["resources"]["limits"]["cpu"]) for container in containers.values()]
    assert sum(cpus) in (1, 2, 4, 6, 8)


def test_images_have_the_names_of_the_dockerfiles(containers: dict[str, Object]) -> None:
    for part in ("api", "worker"):
        name = f"python-executor-{part}"
        repository = "europe-west1-docker.pkg.dev/project/python-executor"
        assert containers[part]["image"] == f"{repository}/{name}:1"
        assert f'org.opencontainers.image.title="{name}"' in (ROOT / f"Dockerfile.{part}").read_text()


def test_instructions_create_the_secret_of_the_file(containers: dict[str, Object]) -> None:
    variables = containers["api"]["env"]
    (secret,) = (variable["valueFrom"]["secretKeyRef"] for variable in variables if "valueFrom" in variable)
    assert secret["key"] == "latest"
    assert (
        f"gcloud secrets create {secret['name']} --data-file=-"
        in (ROOT / "docs/how-to/cloud-run.md").read_text()
    )


def _settings(containers: dict[str, Object], part: str) -> Settings:
    return service_settings(containers[part], SECRETS)
