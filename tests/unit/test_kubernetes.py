"""The Kubernetes manifests: they match the schemas of Kubernetes, each other, and the service."""

import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from api.app import create_app
from config.credentials import Credentials, load_credentials, new_key
from config.settings import Settings
from tests.support import manifests
from tests.support.checkout import ROOT
from tests.support.manifests import FOLDER, VARIANTS, Object
from tests.support.need import need

INSTRUCTIONS = (ROOT / "docs/how-to/kubernetes.md").read_text("utf-8")

#: The version of the images.
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

#: The oldest Kubernetes version that has every field used here, and the newest one that has a schema.
KUBERNETES_VERSIONS = ("1.30", kubernetes_validate.latest_version())

#: The value of each Secret.
SECRETS = {"redis": "0123456789abcdef", "api-keys": new_key("tests")[1]}

#: Variables that are not settings: one is part of REDIS_URL, redis-cli reads the other.
NOT_SETTINGS = {"REDIS_PASSWORD", "REDISCLI_AUTH"}


@pytest.fixture(params=VARIANTS)
def objects(request: pytest.FixtureRequest) -> list[Object]:
    """The objects of each variant, with the objects of KEDA."""
    return manifests.render(request.param) + manifests.keda()


@pytest.mark.parametrize("variant", VARIANTS)
def test_kubectl_renders_the_same_objects_as_the_tests(variant: str) -> None:
    assert _by_name(_render_with_kubectl(FOLDER / variant)) == _by_name(manifests.render(variant))


def test_kustomization_of_the_instructions_sets_images_and_runtime_class(tmp_path: Path) -> None:
    own, under_gvisor = re.findall(r"```yaml\n(.*?)```", INSTRUCTIONS, re.DOTALL)
    shutil.copytree(FOLDER, tmp_path / "deploy/kubernetes")
    (tmp_path / "production").mkdir()
    own = own.replace("kubernetes/jail", "kubernetes/restricted")
    (tmp_path / "production/kustomization.yaml").write_text(own + under_gvisor)
    objects = _render_with_kubectl(tmp_path / "production")
    images = {container["image"] for _, container in manifests.containers(objects)}
    pushed = {f"registry.example.com/team/python-executor-{part}:{VERSION}" for part in ("api", "worker")}
    assert images == {*pushed, "redis:7-alpine"}
    classes = {
        name: template["spec"].get("runtimeClassName") for name, template in manifests.pod_templates(objects)
    }
    assert classes == {"api": None, "redis": None, "worker": "gvisor"}


@pytest.mark.parametrize("version", KUBERNETES_VERSIONS)
def test_objects_match_the_schemas_of_kubernetes(objects: list[Object], version: str) -> None:
    for item in objects:
        if item["kind"] not in manifests.KEDA_KINDS:
            kubernetes_validate.validate(item, version, strict=True)


def test_schema_check_fails_when_a_field_is_unknown(objects: list[Object]) -> None:
    api = manifests.find_object(objects, "Deployment", "api")
    api["spec"]["template"]["spec"]["containers"][0]["readynessProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(api, KUBERNETES_VERSIONS[-1], strict=True)


def test_every_object_has_a_unique_name_in_the_namespace(objects: list[Object]) -> None:
    namespace = manifests.find_object(objects, "Namespace", "python-executor")["metadata"]["name"]
    others = [item for item in objects if item["kind"] != "Namespace"]
    assert {item["metadata"]["namespace"] for item in others} == {namespace}
    assert len(_by_name(objects)) == len(objects)


def test_every_selector_matches_pods(objects: list[Object]) -> None:
    pods = {name: template["metadata"]["labels"] for name, template in manifests.pod_templates(objects)}
    assert pods.keys() == {"api", "worker", "redis"}
    for kind, selector in _selectors(objects):
        selected = [name for name, labels in pods.items() if manifests.selects(selector, labels)]
        if kind in ("Deployment", "StatefulSet", "Service", "PodDisruptionBudget"):
            assert len(selected) == 1, selector
        assert selected, (kind, selector)


def test_every_named_port_exists(objects: list[Object]) -> None:
    for item in objects:
        if item["kind"] == "Service":
            ports = _ports(objects, item["spec"]["selector"])
            assert all(port["targetPort"] in ports for port in item["spec"]["ports"])
        if item["kind"] == "NetworkPolicy":
            for rule in item["spec"].get("ingress", ()):
                ports = _ports(objects, item["spec"]["podSelector"].get("matchLabels", {}))
                assert all(port["port"] in ports for port in rule["ports"])
    for _, container in manifests.containers(objects):
        ports = {port["name"] for port in container.get("ports", ())}
        for probe in manifests.probes(container):
            target = probe.get("httpGet") or probe.get("tcpSocket")
            assert not target or target["port"] in ports


def test_network_policies_let_the_worker_reach_only_redis_and_dns(objects: list[Object]) -> None:
    labels = dict(manifests.pod_templates(objects))["worker"]["metadata"]["labels"]
    specs = [item["spec"] for item in objects if item["kind"] == "NetworkPolicy"]
    policies = [spec for spec in specs if manifests.selects(spec["podSelector"], labels)]
    assert {kind for policy in policies for kind in policy["policyTypes"]} == {"Ingress", "Egress"}
    assert [rule for policy in policies for rule in policy.get("ingress", ())] == []
    egress = [rule for policy in policies for rule in policy.get("egress", ())]
    assert [{port["port"] for port in rule["ports"]} for rule in egress] == [{6379}, {53}]
    redis = manifests.find_object(objects, "StatefulSet", "redis")["spec"]["template"]["metadata"]["labels"]
    (to,) = egress[0]["to"]
    assert manifests.selects(to["podSelector"], redis)


def test_every_variable_of_a_container_is_a_setting(objects: list[Object]) -> None:
    settings = {name.upper() for name in Settings.model_fields}
    for _, container in manifests.containers(objects):
        assert {variable["name"] for variable in container["env"]} - NOT_SETTINGS <= settings


@pytest.mark.parametrize("part", ["api", "worker"])
def test_settings_of_the_manifests_are_valid(objects: list[Object], part: str) -> None:
    settings = _settings(objects, part)
    assert settings.redis_url == f"redis://:{SECRETS['redis']}@redis:6379/0"
    if part == "api":
        assert load_credentials(settings).required


def test_worker_is_privileged_only_when_its_sandbox_is_nsjail() -> None:
    contexts = {}
    for variant in VARIANTS:
        objects = manifests.render(variant)
        container = manifests.find_container(objects, "worker")
        contexts[_settings(objects, "worker").sandbox] = container["securityContext"]
    assert contexts.keys() == {"nsjail", "restricted"}
    assert contexts["nsjail"] == {"privileged": True, "readOnlyRootFilesystem": True}
    assert "privileged" not in contexts["restricted"]


def test_limits_of_the_worker_cover_its_jobs(objects: list[Object]) -> None:
    settings = _settings(objects, "worker")
    limits = manifests.find_container(objects, "worker")["resources"]["limits"]
    assert manifests.megabytes(limits["memory"]) >= settings.workers * settings.memory_mb_max + 512
    assert float(limits["cpu"]) >= settings.workers * settings.job_cpus


def test_grace_periods_are_longer_than_the_longest_request_or_shutdown(objects: list[Object]) -> None:
    grace = {
        name: template["spec"]["terminationGracePeriodSeconds"]
        for name, template in manifests.pod_templates(objects)
    }
    assert grace["worker"] >= _settings(objects, "worker").shutdown_grace + 10
    settings = _settings(objects, "api")
    pre_stop = manifests.find_container(objects, "api")["lifecycle"]["preStop"]["sleep"]["seconds"]
    longest_wait = max(60.0, settings.execute_wait or settings.timeout_max + 10)
    assert grace["api"] >= pre_stop + longest_wait


def test_probes_use_existing_routes_and_modules(objects: list[Object]) -> None:
    routes = {str(rule) for rule in create_app(Settings(), Credentials({})).url_map.iter_rules()}
    for name, container in manifests.containers(objects):
        assert {"startupProbe", "readinessProbe", "livenessProbe"} <= container.keys()
        for probe in manifests.probes(container):
            if "httpGet" in probe:
                assert probe["httpGet"]["path"] in routes
            if name == "worker":
                assert probe["exec"]["command"][:3] == ["python", "-P", "-m"]
                assert find_spec(probe["exec"]["command"][3])


def test_images_have_the_names_of_the_dockerfiles(objects: list[Object]) -> None:
    for name, container in manifests.containers(objects):
        if name != "redis":
            assert container["image"] == f"python-executor-{name}:{VERSION}"
            title = f'org.opencontainers.image.title="python-executor-{name}"'
            assert title in (ROOT / f"Dockerfile.{name}").read_text()


def test_users_are_the_users_of_the_dockerfiles() -> None:
    for name, template in manifests.pod_templates(manifests.render("restricted")):
        if name != "redis":
            context = template["spec"]["securityContext"]
            user = f"{context['runAsUser']}:{context['runAsGroup']}"
            assert f"\nUSER {user}\n" in (ROOT / f"Dockerfile.{name}").read_text()


def test_pods_meet_the_restricted_standard_when_the_namespace_enforces_it(objects: list[Object]) -> None:
    labels = manifests.find_object(objects, "Namespace", "python-executor")["metadata"]["labels"]
    level = labels["pod-security.kubernetes.io/enforce"]
    unrestricted = [
        name for name, template in manifests.pod_templates(objects) if not _is_restricted(template["spec"])
    ]
    assert unrestricted == ([] if level == "restricted" else ["worker"])


def test_no_pod_has_a_service_account_token_or_a_writable_root(objects: list[Object]) -> None:
    for _, template in manifests.pod_templates(objects):
        assert template["spec"]["automountServiceAccountToken"] is False
    for _, container in manifests.containers(objects):
        assert container["securityContext"]["readOnlyRootFilesystem"] is True


def test_instructions_create_every_secret_of_the_manifests(objects: list[Object]) -> None:
    used = {
        (reference["name"], reference["key"])
        for _, container in manifests.containers(objects)
        for variable in container["env"]
        if (reference := variable.get("valueFrom", {}).get("secretKeyRef"))
    }
    used |= {
        (reference["name"], reference["key"])
        for item in objects
        if item["kind"] == "TriggerAuthentication"
        for reference in item["spec"]["secretTargetRef"]
    }
    created = re.findall(r"create secret generic (\S+) --from-literal=(\w+)=", INSTRUCTIONS)
    assert used == set(created)


def _render_with_kubectl(folder: Path) -> list[Object]:
    if shutil.which("kubectl") is None:
        need("there is no kubectl")
    command = ["kubectl", "kustomize", str(folder)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    return list(yaml.safe_load_all(ran.stdout))


def _by_name(objects: list[Object]) -> dict[tuple[str, str], Object]:
    return {(item["kind"], item["metadata"]["name"]): item for item in objects}


def _selectors(objects: list[Object]) -> Iterator[tuple[str, Object]]:
    """Yield each label selector with the kind of its object, or with "peer" or "spread" for a part of an object."""
    for item in objects:
        kind, spec = item["kind"], item.get("spec", {})
        if kind == "Service":
            yield kind, {"matchLabels": spec["selector"]}
        elif kind in ("Deployment", "StatefulSet", "PodDisruptionBudget"):
            yield kind, spec["selector"]
        elif kind == "NetworkPolicy":
            yield kind, spec["podSelector"]
            for rule in spec.get("ingress", ()):
                for peer in rule.get("from", ()):
                    if "namespaceSelector" not in peer:
                        yield "peer", peer["podSelector"]
    for _, template in manifests.pod_templates(objects):
        for constraint in template["spec"].get("topologySpreadConstraints", ()):
            yield "spread", constraint["labelSelector"]


def _ports(objects: list[Object], labels: dict[str, str]) -> set[str]:
    """Return the names of the container ports of the pods that have these labels."""
    return {
        port["name"]
        for _, template in manifests.pod_templates(objects)
        if labels.items() <= template["metadata"]["labels"].items()
        for container in template["spec"]["containers"]
        for port in container.get("ports", ())
    }


def _settings(objects: list[Object], part: str) -> Settings:
    return manifests.service_settings(manifests.find_container(objects, part), SECRETS)


def _is_restricted(pod: Object) -> bool:
    """Return whether a pod meets the restricted Pod Security Standard of Kubernetes."""
    pod_context = pod.get("securityContext", {})
    uses_host = any(pod.get(field) for field in ("hostNetwork", "hostPID", "hostIPC"))
    volumes = {kind for volume in pod.get("volumes", ()) for kind in volume if kind != "name"}
    allowed = {"configMap", "emptyDir", "projected", "secret", "persistentVolumeClaim"}
    return (
        not uses_host
        and volumes <= allowed
        and pod_context.get("runAsNonRoot") is True
        and pod_context.get("runAsUser") != 0
        and pod_context.get("seccompProfile", {}).get("type") == "RuntimeDefault"
        and all(
            context.get("allowPrivilegeEscalation") is False
            and not context.get("privileged")
            and context.get("capabilities") == {"drop": ["ALL"]}
            for context in (container.get("securityContext", {}) for container in pod["containers"])
        )
    )
