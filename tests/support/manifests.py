"""The Kubernetes manifests as kustomize renders them, and questions asked of them."""

import copy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from tests.support.checkout import ROOT

FOLDER: Final = ROOT / "deploy/kubernetes"

#: The folders to apply.
WAYS: Final = ("restricted", "jail")

Object = dict[str, Any]


def rendered(way: str) -> list[Object]:
    """Return the objects of a folder, as far as kustomize is used here: resources, and patches in place."""
    return _kustomized(FOLDER / way)


def keda() -> list[Object]:
    """Return the objects for KEDA."""
    return _objects(FOLDER / "keda.yaml")


def pods(objects: list[Object]) -> Iterator[tuple[str, Object]]:
    """Yield name, and template, of whatever makes pods."""
    for one in objects:
        if one["kind"] in ("Deployment", "StatefulSet"):
            yield one["metadata"]["name"], one["spec"]["template"]


def containers(objects: list[Object]) -> Iterator[tuple[str, Object]]:
    """Yield each container with the name of its pod."""
    for name, template in pods(objects):
        for container in template["spec"]["containers"]:
            yield name, container


def only(objects: list[Object], kind: str, name: str) -> Object:
    """Return the object of a kind and name."""
    (found,) = [one for one in objects if (one["kind"], one["metadata"]["name"]) == (kind, name)]
    return found


def environment(container: Object, held: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of a container. held: what the secrets hold, each one thing."""
    variables: dict[str, str] = {}
    for variable in container.get("env", ()):
        value = variable.get("value")
        if value is None:
            value = held[variable["valueFrom"]["secretKeyRef"]["name"]]
        variables[variable["name"]] = _expanded(value, variables)
    return variables


def arguments(container: Object, held: Mapping[str, str]) -> list[str]:
    """Return the arguments of a container."""
    variables = environment(container, held)
    return [_expanded(argument, variables) for argument in container.get("args", ())]


def megabytes(quantity: str) -> int:
    """Return a quantity of memory in MB."""
    units = {"Mi": 1, "Gi": 1024}
    return int(quantity[:-2]) * units[quantity[-2:]]


def selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Say whether a label selector takes these labels."""
    exact = selector.get("matchLabels", {}).items() <= labels.items()
    return exact and all(
        expression["operator"] == "In" and labels.get(expression["key"]) in expression["values"]
        for expression in selector.get("matchExpressions", ())
    )


def _expanded(text: str, variables: Mapping[str, str]) -> str:
    for name, value in variables.items():
        text = text.replace(f"$({name})", value)
    return text


def _objects(path: Path) -> list[Object]:
    return list(yaml.safe_load_all(path.read_text("utf-8")))


def _kustomized(folder: Path) -> list[Object]:
    (kustomization,) = _objects(folder / "kustomization.yaml")
    assert kustomization.keys() <= {"apiVersion", "kind", "resources", "patches"}
    objects = []
    for resource in kustomization["resources"]:
        path = folder / resource
        objects += _kustomized(path) if path.is_dir() else _objects(path)
    for patch in kustomization.get("patches", ()):
        target = only(objects, patch["target"]["kind"], patch["target"]["name"])
        for operation in yaml.safe_load(patch["patch"]):
            _patch(target, operation)
    return objects


def _patch(target: Any, operation: Mapping[str, Any]) -> None:
    """Do a step of a JSON patch (RFC 6902) on `target`."""
    *path, last = operation["path"].removeprefix("/").split("/")
    for step in path:
        target = target[int(step)] if isinstance(target, list) else target[step]
    if operation["op"] == "test":
        assert target[last] == operation["value"]
    else:
        assert operation["op"] == "replace"
        assert last in target
        target[last] = copy.deepcopy(operation["value"])
