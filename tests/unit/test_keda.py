"""deploy/kubernetes/keda.yaml: it matches the definitions of KEDA, the other manifests, and the service."""

from typing import Any, Literal

import kubernetes_validate
import pytest
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from tests.support import manifests
from tests.support.manifests import Object


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, strict=True)


class _Named(_Strict):
    name: str


class _RedisList(_Strict):
    address: str
    list_name: str
    list_length: str


class _Trigger(_Strict):
    type: Literal["redis"]
    metadata: _RedisList
    authentication_ref: _Named


class _ScaledObject(_Strict):
    """The part of KEDA's ScaledObjectSpec that keda.yaml uses. All values of `metadata` are strings."""

    scale_target_ref: _Named
    min_replica_count: int
    max_replica_count: int
    polling_interval: int
    advanced: dict[Literal["horizontalPodAutoscalerConfig"], dict[Literal["behavior"], dict[str, Any]]]
    triggers: list[_Trigger]


class _SecretTarget(_Strict):
    parameter: Literal["password"]
    name: str
    key: str


class _TriggerAuthentication(_Strict):
    secret_target_ref: list[_SecretTarget]


@pytest.fixture
def objects() -> list[Object]:
    """The objects of one variant, with the objects of KEDA."""
    return manifests.render("restricted") + manifests.keda()


@pytest.fixture
def scaled_object(objects: list[Object]) -> _ScaledObject:
    """The object that scales the workers."""
    return _ScaledObject.model_validate(manifests.find_object(objects, "ScaledObject", "worker")["spec"])


def test_keda_objects_have_the_fields_of_their_kind(objects: list[Object]) -> None:
    for item in objects:
        if item["kind"] in manifests.KEDA_KINDS:
            assert item["apiVersion"] == "keda.sh/v1alpha1"
            assert item.keys() == {"apiVersion", "kind", "metadata", "spec"}


def test_keda_scales_the_worker_by_its_redis(objects: list[Object], scaled_object: _ScaledObject) -> None:
    authentication = manifests.find_object(objects, "TriggerAuthentication", "redis")
    _TriggerAuthentication.model_validate(authentication["spec"])
    manifests.find_object(objects, "Deployment", scaled_object.scale_target_ref.name)
    redis = manifests.find_object(objects, "Service", "redis")
    host = f"{redis['metadata']['name']}.{redis['metadata']['namespace']}.svc"
    for trigger in scaled_object.triggers:
        assert trigger.metadata.address == f"{host}:{redis['spec']['ports'][0]['port']}"
        assert trigger.authentication_ref.name == authentication["metadata"]["name"]


def test_keda_keeps_at_least_one_worker(scaled_object: _ScaledObject) -> None:
    assert scaled_object.min_replica_count >= 1, "without a worker the API accepts no job"


def test_keda_behavior_is_valid_for_a_kubernetes_autoscaler(scaled_object: _ScaledObject) -> None:
    # KEDA passes `behavior` on to an autoscaler of Kubernetes.
    autoscaler = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "spec": {
            "scaleTargetRef": {"kind": "Deployment", "name": "worker"},
            "maxReplicas": 1,
            "behavior": scaled_object.advanced["horizontalPodAutoscalerConfig"]["behavior"],
        },
    }
    kubernetes_validate.validate(autoscaler, kubernetes_validate.latest_version(), strict=True)


def test_keda_keeps_a_worker_for_every_running_job(
    objects: list[Object], scaled_object: _ScaledObject
) -> None:
    lists = (trigger.metadata for trigger in scaled_object.triggers)
    (running,) = (one for one in lists if one.list_name.endswith(":running"))
    worker = manifests.find_container(objects, "worker")
    assert running.list_length == manifests.environment(worker, {"redis": ""})["WORKERS"]
