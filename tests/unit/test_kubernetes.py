"""The Kubernetes manifests: they are what Kubernetes and KEDA take, fit together, and fit the service."""

import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import kubernetes_validate
import pytest
import yaml
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from api.app import create_app
from config.credentials import Credentials, load_credentials, new_key
from config.settings import Settings
from tests.support import manifests
from tests.support.checkout import ROOT
from tests.support.manifests import FOLDER, WAYS, Object
from tests.support.need import need

INSTRUCTIONS = (ROOT / "docs/how-to/kubernetes.md").read_text("utf-8")

#: Of the images.
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

#: The oldest that has what is used here, and the newest there is a schema for.
VERSIONS = ("1.30", kubernetes_validate.latest_version())

HELD = {"redis": "0123456789abcdef", "api-keys": new_key("tests")[1]}

#: Variables that are no settings: what others are made of, and what redis-cli reads.
NO_SETTINGS = {"REDIS_PASSWORD", "REDISCLI_AUTH"}

#: Kinds of KEDA, by whose definition they are checked below.
KEDA = {"ScaledObject", "TriggerAuthentication"}


@pytest.fixture(params=WAYS)
def objects(request: pytest.FixtureRequest) -> list[Object]:
    """Each way to run the service, with KEDA."""
    return manifests.rendered(request.param) + manifests.keda()


@pytest.mark.parametrize("way", WAYS)
def test_kubectl_renders_the_same(way: str) -> None:
    assert _by_name(_by_kubectl(FOLDER / way)) == _by_name(manifests.rendered(way))


def test_a_folder_of_ones_own_is_as_the_instructions_say(tmp_path: Path) -> None:
    own, under_gvisor = re.findall(r"```yaml\n(.*?)```", INSTRUCTIONS, re.DOTALL)
    shutil.copytree(FOLDER, tmp_path / "deploy/kubernetes")
    (tmp_path / "production").mkdir()
    own = own.replace("kubernetes/jail", "kubernetes/restricted")
    (tmp_path / "production/kustomization.yaml").write_text(own + under_gvisor)
    objects = _by_kubectl(tmp_path / "production")
    images = {container["image"] for _, container in manifests.containers(objects)}
    ours = {f"registry.example.com/team/python-executor-{part}:{VERSION}" for part in ("api", "worker")}
    assert images == {*ours, "redis:7-alpine"}
    classes = {name: one["spec"].get("runtimeClassName") for name, one in manifests.pods(objects)}
    assert classes == {"api": None, "redis": None, "worker": "gvisor"}


@pytest.mark.parametrize("version", VERSIONS)
def test_kubernetes_knows_every_field(objects: list[Object], version: str) -> None:
    for one in objects:
        if one["kind"] not in KEDA:
            kubernetes_validate.validate(one, version, strict=True)


def test_an_unknown_field_is_seen(objects: list[Object]) -> None:
    api = manifests.only(objects, "Deployment", "api")
    api["spec"]["template"]["spec"]["containers"][0]["readynessProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(api, VERSIONS[-1], strict=True)


def test_everything_is_in_the_namespace(objects: list[Object]) -> None:
    namespace = manifests.only(objects, "Namespace", "python-executor")["metadata"]["name"]
    others = [one for one in objects if one["kind"] != "Namespace"]
    assert {one["metadata"]["namespace"] for one in others} == {namespace}
    assert len(_by_name(objects)) == len(objects)


def test_what_selects_pods_selects_some(objects: list[Object]) -> None:
    labels = {name: template["metadata"]["labels"] for name, template in manifests.pods(objects)}
    assert labels.keys() == {"api", "worker", "redis"}
    for kind, selector in _selectors(objects):
        chosen = [name for name, own in labels.items() if manifests.selects(selector, own)]
        if kind in ("Deployment", "StatefulSet", "Service", "PodDisruptionBudget"):
            assert len(chosen) == 1, selector
        assert chosen, (kind, selector)


def test_ports_that_are_named_are_there(objects: list[Object]) -> None:
    for one in objects:
        if one["kind"] == "Service":
            offered = _ports(objects, one["spec"]["selector"])
            assert all(port["targetPort"] in offered for port in one["spec"]["ports"])
        if one["kind"] == "NetworkPolicy":
            for rule in one["spec"].get("ingress", ()):
                offered = _ports(objects, one["spec"]["podSelector"].get("matchLabels", {}))
                assert all(port["port"] in offered for port in rule["ports"])
    for _, container in manifests.containers(objects):
        offered = {port["name"] for port in container.get("ports", ())}
        for probe in _probes(container):
            told = probe.get("httpGet") or probe.get("tcpSocket")
            assert not told or told["port"] in offered


def test_the_worker_reaches_redis_and_names_only(objects: list[Object]) -> None:
    (worker,) = [template for name, template in manifests.pods(objects) if name == "worker"]
    labels = worker["metadata"]["labels"]
    policies = [one["spec"] for one in objects if one["kind"] == "NetworkPolicy"]
    own = [policy for policy in policies if manifests.selects(policy["podSelector"], labels)]
    assert {kind for policy in own for kind in policy["policyTypes"]} == {"Ingress", "Egress"}
    assert [rule for policy in own for rule in policy.get("ingress", ())] == []
    egress = [rule for policy in own for rule in policy.get("egress", ())]
    assert [{port["port"] for port in rule["ports"]} for rule in egress] == [{6379}, {53}]
    redis = manifests.only(objects, "StatefulSet", "redis")["spec"]["template"]["metadata"]["labels"]
    (to,) = egress[0]["to"]
    assert manifests.selects(to["podSelector"], redis)


def test_every_variable_is_a_setting(objects: list[Object]) -> None:
    settings = {name.upper() for name in Settings.model_fields}
    for _, container in manifests.containers(objects):
        assert {variable["name"] for variable in container["env"]} - NO_SETTINGS <= settings


@pytest.mark.parametrize("part", ["api", "worker"])
def test_the_service_starts_with_these_settings(objects: list[Object], part: str) -> None:
    settings = _settings(objects, part)
    assert settings.redis_url == f"redis://:{HELD['redis']}@redis:6379/0"
    if part == "api":
        assert load_credentials(settings).required


def test_a_worker_has_the_sandbox_its_privileges_are_for() -> None:
    asked = {}
    for way in WAYS:
        ((_, container),) = [c for c in manifests.containers(manifests.rendered(way)) if c[0] == "worker"]
        asked[_settings(manifests.rendered(way), "worker").sandbox] = container["securityContext"]
    assert asked.keys() == {"nsjail", "restricted"}
    assert asked["nsjail"] == {"privileged": True, "readOnlyRootFilesystem": True}
    assert "privileged" not in asked["restricted"]


def test_a_worker_has_room_for_its_jobs(objects: list[Object]) -> None:
    settings = _settings(objects, "worker")
    ((_, container),) = [c for c in manifests.containers(objects) if c[0] == "worker"]
    jobs = settings.workers * settings.memory_mb_max
    assert manifests.megabytes(container["resources"]["limits"]["memory"]) >= jobs + 512
    assert float(container["resources"]["limits"]["cpu"]) >= settings.workers * settings.job_cpus


def test_a_stop_has_its_time(objects: list[Object]) -> None:
    grace = {name: one["spec"]["terminationGracePeriodSeconds"] for name, one in manifests.pods(objects)}
    assert grace["worker"] >= _settings(objects, "worker").shutdown_grace + 10
    settings = _settings(objects, "api")
    ((_, api),) = [c for c in manifests.containers(objects) if c[0] == "api"]
    longest = max(60.0, settings.execute_wait or settings.timeout_max + 10)
    assert grace["api"] >= api["lifecycle"]["preStop"]["sleep"]["seconds"] + longest


def test_probes_ask_what_is_there(objects: list[Object]) -> None:
    routes = {str(rule) for rule in create_app(Settings(), Credentials({})).url_map.iter_rules()}
    for name, container in manifests.containers(objects):
        assert {"startupProbe", "readinessProbe", "livenessProbe"} <= container.keys()
        for probe in _probes(container):
            if "httpGet" in probe:
                assert probe["httpGet"]["path"] in routes
            if name == "worker":
                assert probe["exec"]["command"][:3] == ["python", "-P", "-m"]
                assert find_spec(probe["exec"]["command"][3])


def test_images_are_those_that_are_built(objects: list[Object]) -> None:
    for name, container in manifests.containers(objects):
        if name != "redis":
            assert container["image"] == f"python-executor-{name}:{VERSION}"
            title = f'org.opencontainers.image.title="python-executor-{name}"'
            assert title in (ROOT / f"Dockerfile.{name}").read_text()


def test_users_are_those_of_the_images() -> None:
    for name, template in manifests.pods(manifests.rendered("restricted")):
        if name != "redis":
            context = template["spec"]["securityContext"]
            user = f"{context['runAsUser']}:{context['runAsGroup']}"
            assert f"\nUSER {user}\n" in (ROOT / f"Dockerfile.{name}").read_text()


def test_pods_keep_to_the_restricted_profile_where_the_namespace_says_so(objects: list[Object]) -> None:
    labels = manifests.only(objects, "Namespace", "python-executor")["metadata"]["labels"]
    level = labels["pod-security.kubernetes.io/enforce"]
    loose = [name for name, template in manifests.pods(objects) if not _is_restricted(template["spec"])]
    assert loose == ([] if level == "restricted" else ["worker"])


def test_nothing_has_a_token_or_a_writable_root(objects: list[Object]) -> None:
    for _, template in manifests.pods(objects):
        assert template["spec"]["automountServiceAccountToken"] is False
    for _, container in manifests.containers(objects):
        assert container["securityContext"]["readOnlyRootFilesystem"] is True


def test_the_secrets_are_those_of_the_instructions(objects: list[Object]) -> None:
    wanted = {
        (reference["name"], reference["key"])
        for _, container in manifests.containers(objects)
        for variable in container["env"]
        if (reference := variable.get("valueFrom", {}).get("secretKeyRef"))
    }
    wanted |= {
        (reference["name"], reference["key"])
        for one in objects
        if one["kind"] == "TriggerAuthentication"
        for reference in one["spec"]["secretTargetRef"]
    }
    made = re.findall(r"create secret generic (\S+) --from-literal=(\w+)=", INSTRUCTIONS)
    assert wanted == set(made)


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
    """The part of KEDA's ScaledObjectSpec that is used; the values of `metadata` are text."""

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


def test_keda_takes_its_objects() -> None:
    for one in manifests.keda():
        if one["kind"] in KEDA:
            assert one["apiVersion"] == "keda.sh/v1alpha1"
            assert one.keys() == {"apiVersion", "kind", "metadata", "spec"}
    objects = manifests.rendered("restricted") + manifests.keda()
    scaled = _ScaledObject.model_validate(manifests.only(objects, "ScaledObject", "worker")["spec"])
    authentication = manifests.only(objects, "TriggerAuthentication", "redis")
    _TriggerAuthentication.model_validate(authentication["spec"])
    manifests.only(objects, "Deployment", scaled.scale_target_ref.name)
    assert scaled.min_replica_count >= 1, "without a worker no job is taken"
    redis = manifests.only(objects, "Service", "redis")
    host = f"{redis['metadata']['name']}.{redis['metadata']['namespace']}.svc"
    for trigger in scaled.triggers:
        assert trigger.metadata.address == f"{host}:{redis['spec']['ports'][0]['port']}"
        assert trigger.authentication_ref.name == authentication["metadata"]["name"]
    # An autoscaler of Kubernetes is made of it.
    behavior = scaled.advanced["horizontalPodAutoscalerConfig"]["behavior"]
    autoscaler = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "worker"}, "maxReplicas": 1}
        | {"behavior": behavior},
    }
    kubernetes_validate.validate(autoscaler, VERSIONS[-1], strict=True)


def test_workers_stay_for_the_jobs_that_run() -> None:
    objects = manifests.rendered("restricted") + manifests.keda()
    triggers = manifests.only(objects, "ScaledObject", "worker")["spec"]["triggers"]
    (running,) = [one["metadata"] for one in triggers if one["metadata"]["listName"].endswith(":running")]
    assert int(running["listLength"]) == _settings(objects, "worker").workers


def _by_kubectl(folder: Path) -> list[Object]:
    if shutil.which("kubectl") is None:
        need("there is no kubectl")
    command = ["kubectl", "kustomize", str(folder)]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert told.returncode == 0, told.stderr
    return list(yaml.safe_load_all(told.stdout))


def _by_name(objects: list[Object]) -> dict[tuple[str, str], Object]:
    return {(one["kind"], one["metadata"]["name"]): one for one in objects}


def _selectors(objects: list[Object]) -> Iterator[tuple[str, Object]]:
    for one in objects:
        spec = one.get("spec", {})
        if one["kind"] == "Service":
            yield one["kind"], {"matchLabels": spec["selector"]}
        elif one["kind"] in ("Deployment", "StatefulSet", "PodDisruptionBudget"):
            yield one["kind"], spec["selector"]
        elif one["kind"] == "NetworkPolicy":
            yield one["kind"], spec["podSelector"]
            for rule in spec.get("ingress", ()):
                for peer in rule.get("from", ()):
                    if "namespaceSelector" not in peer:
                        yield "peer", peer["podSelector"]
    for _, template in manifests.pods(objects):
        for constraint in template["spec"].get("topologySpreadConstraints", ()):
            yield "spread", constraint["labelSelector"]


def _ports(objects: list[Object], labels: dict[str, str]) -> set[str]:
    return {
        port["name"]
        for _, template in manifests.pods(objects)
        if labels.items() <= template["metadata"]["labels"].items()
        for container in template["spec"]["containers"]
        for port in container.get("ports", ())
    }


def _probes(container: Object) -> list[Object]:
    return [told for field, told in container.items() if field.endswith("Probe")]


def _settings(objects: list[Object], part: str) -> Settings:
    ((_, container),) = [one for one in manifests.containers(objects) if one[0] == part]
    variables = manifests.environment(container, HELD)
    return Settings(
        **{name.lower(): value for name, value in variables.items() if name not in NO_SETTINGS}  # type: ignore[arg-type]
    )


def _is_restricted(pod: Object) -> bool:
    """Say whether a pod keeps to Kubernetes' restricted Pod Security Standard."""
    own = pod.get("securityContext", {})
    host = any(pod.get(field) for field in ("hostNetwork", "hostPID", "hostIPC"))
    volumes = {kind for volume in pod.get("volumes", ()) for kind in volume if kind != "name"}
    allowed = {"configMap", "emptyDir", "projected", "secret", "persistentVolumeClaim"}
    return (
        not host
        and volumes <= allowed
        and own.get("runAsNonRoot") is True
        and own.get("runAsUser") != 0
        and own.get("seccompProfile", {}).get("type") == "RuntimeDefault"
        and all(
            context.get("allowPrivilegeEscalation") is False
            and not context.get("privileged")
            and context.get("capabilities") == {"drop": ["ALL"]}
            for context in (container.get("securityContext", {}) for container in pod["containers"])
        )
    )
