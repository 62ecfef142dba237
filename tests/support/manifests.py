"""The Kubernetes manifests as kustomize renders them, and ways to query them."""

import copy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from config.settings import Settings
from tests.support.checkout import ROOT

FOLDER: Final = ROOT / "deploy/kubernetes"

#: The folders of which an operator applies one.
VARIANTS: Final = ("restricted", "jail")

#: The kinds of KEDA's objects. Kubernetes has no schema of them.
KEDA_KINDS: Final = frozenset({"ScaledObject", "TriggerAuthentication"})

#: A Kubernetes object, or a part of one.
Object = dict[str, Any]


def render(variant: str) -> list[Object]:
    """Return the objects of a variant.

    This supports the part of kustomize that the manifests use: resources and inline JSON patches.
    """
    return _kustomize(FOLDER / variant)


def keda() -> list[Object]:
    """Return the objects of keda.yaml."""
    return _load(FOLDER / "keda.yaml")


def pod_templates(objects: list[Object]) -> Iterator[tuple[str, Object]]:
    """Yield the name and pod template of each Deployment and StatefulSet."""
    for item in objects:
        if item["kind"] in ("Deployment", "StatefulSet"):
            yield item["metadata"]["name"], item["spec"]["template"]


def containers(objects: list[Object]) -> Iterator[tuple[str, Object]]:
    """Yield each container with the name of its Deployment or StatefulSet."""
    for name, template in pod_templates(objects):
        for container in template["spec"]["containers"]:
            yield name, container


def find_container(objects: list[Object], name: str) -> Object:
    """Return the only container of the Deployment or StatefulSet `name`."""
    (found,) = (container for owner, container in containers(objects) if owner == name)
    return found


def find_object(objects: list[Object], kind: str, name: str) -> Object:
    """Return the only object of this kind and name."""
    (found,) = (item for item in objects if (item["kind"], item["metadata"]["name"]) == (kind, name))
    return found


def environment(container: Object, secrets: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables of a container.

    Args:
        container: The container.
        secrets: The value of each Secret by its name; every Secret here has one key.
    """
    variables: dict[str, str] = {}
    for variable in container.get("env", ()):
        value = variable.get("value")
        if value is None:
            value = secrets[variable["valueFrom"]["secretKeyRef"]["name"]]
        variables[variable["name"]] = _expand(value, variables)
    return variables


def service_settings(container: Object, secrets: Mapping[str, str]) -> Settings:
    """Return the settings of the service that a container's variables give; ignore other variables."""
    variables = {name.lower(): value for name, value in environment(container, secrets).items()}
    return Settings.model_validate(
        {name: value for name, value in variables.items() if name in Settings.model_fields}
    )


def arguments(container: Object, secrets: Mapping[str, str]) -> list[str]:
    """Return the arguments of a container, with $(NAME) replaced."""
    variables = environment(container, secrets)
    return [_expand(argument, variables) for argument in container.get("args", ())]


def probes(container: Object) -> list[Object]:
    """Return the probes of a container."""
    return [value for field, value in container.items() if field.endswith("Probe")]


def megabytes(quantity: str) -> int:
    """Return a quantity of memory in MB."""
    units = {"Mi": 1, "Gi": 1024}
    return int(quantity[:-2]) * units[quantity[-2:]]


def selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Return whether a label selector matches these labels."""
    exact = selector.get("matchLabels", {}).items() <= labels.items()
    return exact and all(
        expression["operator"] == "In" and labels.get(expression["key"]) in expression["values"]
        for expression in selector.get("matchExpressions", ())
    )


def _expand(text: str, variables: Mapping[str, str]) -> str:
    for name, value in variables.items():
        text = text.replace(f"$({name})", value)
    return text


def _load(path: Path) -> list[Object]:
    return list(yaml.safe_load_all(path.read_text("utf-8")))


def _kustomize(folder: Path) -> list[Object]:
    (kustomization,) = _load(folder / "kustomization.yaml")
    assert kustomization.keys() <= {"apiVersion", "kind", "resources", "patches"}
    objects = []
    for resource in kustomization["resources"]:
        path = folder / resource
        objects += _kustomize(path) if path.is_dir() else _load(path)
    for patch in kustomization.get("patches", ()):
        target = find_object(objects, patch["target"]["kind"], patch["target"]["name"])
        for operation in yaml.safe_load(patch["patch"]):
            _patch(target, operation)
    return objects


def _patch(target: Any, operation: Mapping[str, Any]) -> None:
    """Apply one operation of a JSON patch (RFC 6902) to `target`."""
    *path, last = operation["path"].removeprefix("/").split("/")
    for step in path:
        target = target[int(step)] if isinstance(target, list) else target[step]
    if operation["op"] == "test":
        assert target[last] == operation["value"]
    else:
        assert operation["op"] == "replace"
        assert last in target
        target[last] = copy.deepcopy(operation["value"])
