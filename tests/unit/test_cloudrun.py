"""deploy/cloud-run/service.yaml: it is what Cloud Run takes, and fits the service. tests/containers runs it."""

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
from tests.support.cloudrun import GRACE, manifest
from tests.support.manifests import Object, environment, megabytes

HELD = {"python-executor-api-keys": new_key("tests")[1]}

#: Seconds GET /jobs/<id>?wait= may wait.
LONGEST_POLL = 60


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, strict=True)


class _RevisionAnnotations(_Strict):
    """Annotations of a revision, all of which are text."""

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
    """The part of Cloud Run's Service (API version 1) that is used."""

    api_version: Literal["serving.knative.dev/v1"]
    kind: Literal["Service"]
    metadata: _Metadata
    spec: _Spec


@pytest.fixture
def revision() -> _Revision:
    """The file with its variables replaced."""
    service = manifest(REGION="europe-west1", PROJECT="project", VERSION="1")
    return _Service.model_validate(service).spec.template


@pytest.fixture
def containers(revision: _Revision) -> dict[str, Object]:
    """Its containers by name."""
    return {container["name"]: container for container in revision.spec.containers}


def test_containers_are_those_of_a_pod(revision: _Revision) -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "instance"}}
    spec = {"containers": revision.spec.containers}
    kubernetes_validate.validate({**pod, "spec": spec}, kubernetes_validate.latest_version(), strict=True)


def test_containers_have_only_what_cloud_run_knows(containers: dict[str, Object]) -> None:
    assert len([port for one in containers.values() for port in one.get("ports", ())]) == 1
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
        # Neither is replaced there.
        assert "$(" not in json.dumps([container.get("command"), container.get("args"), container.get("env")])
        assert "PORT" not in environment(container, HELD)
        for probe in (container[field] for field in container if field.endswith("Probe")):
            assert "exec" not in probe
            assert probe["timeoutSeconds"] < probe["periodSeconds"]
            assert probe["periodSeconds"] * probe["failureThreshold"] <= 240


def test_redis_comes_first_and_says_when(revision: _Revision, containers: dict[str, Object]) -> None:
    assert revision.metadata.annotations.dependencies == {"api": ["redis"], "worker": ["redis"]}
    assert containers.keys() == {"api", "worker", "redis"}
    assert containers["redis"]["startupProbe"]["tcpSocket"]["port"] == 6379


def test_probes_ask_what_is_there(containers: dict[str, Object]) -> None:
    routes = {str(rule) for rule in create_app(Settings(), Credentials({})).url_map.iter_rules()}
    (port,) = containers["api"]["ports"]
    for field in ("startupProbe", "livenessProbe"):
        told = containers["api"][field]["httpGet"]
        assert told["path"] in routes
        assert told["port"] == port["containerPort"]


@pytest.mark.parametrize("part", ["api", "worker"])
def test_the_service_starts_with_these_settings(containers: dict[str, Object], part: str) -> None:
    assert {name.lower() for name in environment(containers[part], HELD)} <= Settings.model_fields.keys()
    settings = _settings(containers, part)
    assert settings.redis_url == "redis://127.0.0.1:6379/0"
    if part == "api":
        assert settings.host == "0.0.0.0"
        assert load_credentials(settings).required


def test_the_trial_decides(containers: dict[str, Object]) -> None:
    assert _settings(containers, "worker").sandbox == "auto"


def test_requests_end_before_cloud_run_ends_them(revision: _Revision, containers: dict[str, Object]) -> None:
    settings = _settings(containers, "api")
    assert settings.execute_wait is not None
    assert settings.execute_wait > settings.timeout_max
    assert max(settings.execute_wait, LONGEST_POLL) < revision.spec.timeout_seconds


def test_connections_are_left_for_the_probes(revision: _Revision, containers: dict[str, Object]) -> None:
    settings = _settings(containers, "api")
    assert settings.api_processes * settings.api_connections > revision.spec.container_concurrency


def test_a_stop_has_its_time(containers: dict[str, Object]) -> None:
    assert _settings(containers, "worker").shutdown_grace < GRACE - 2


def test_a_worker_has_room_for_its_jobs(containers: dict[str, Object]) -> None:
    workers, most = _settings(containers, "worker").workers, _settings(containers, "api").memory_mb_max
    limits = containers["worker"]["resources"]["limits"]
    assert megabytes(limits["memory"]) >= workers * most + 512
    assert float(limits["cpu"]) >= workers
    # Cloud Run knows these sizes of instances only.
    assert sum(float(one["resources"]["limits"]["cpu"]) for one in containers.values()) in (1, 2, 4, 6, 8)


def test_images_are_those_that_are_built(containers: dict[str, Object]) -> None:
    for part in ("api", "worker"):
        name = f"python-executor-{part}"
        folder = "europe-west1-docker.pkg.dev/project/python-executor"
        assert containers[part]["image"] == f"{folder}/{name}:1"
        assert f'org.opencontainers.image.title="{name}"' in (ROOT / f"Dockerfile.{part}").read_text()


def test_the_secret_is_that_of_the_instructions(containers: dict[str, Object]) -> None:
    told = [one["valueFrom"]["secretKeyRef"] for one in containers["api"]["env"] if "valueFrom" in one]
    (secret,) = told
    assert secret["key"] == "latest"
    assert f"gcloud secrets create {secret['name']} --data-file=-" in (ROOT / "docs/cloud-run.md").read_text()


def _settings(containers: dict[str, Object], part: str) -> Settings:
    variables = environment(containers[part], HELD)
    return Settings(**{name.lower(): value for name, value in variables.items()})  # type: ignore[arg-type]
