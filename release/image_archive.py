"""The archive of an image, with the same bytes for the same content.

An engine writes the time of the build into the configuration of an image, and each version of an engine
saves other files. This module takes the layers and the part of the configuration that the OCI defines, with
the commit's time. It writes an OCI image layout, which also has the `manifest.json` of `docker save`, so that
Docker, Podman and skopeo read it:
https://github.com/opencontainers/image-spec/blob/main/image-layout.md

The layers are not compressed, because the result would depend on the version of the compressor.
"""

import gzip
import hashlib
import io
import json
import shutil
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Final

from release.commands import ReleaseError

_MEDIA: Final = "application/vnd.oci.image"

#: What a configuration says about containers: the fields of the OCI, and Docker's health check.
#: Others say how the image was built.
_CONFIG_FIELDS: Final = (
    *("Cmd", "Entrypoint", "Env", "ExposedPorts", "Healthcheck", "Labels", "StopSignal", "User", "Volumes"),
    "WorkingDir",
)

_GZIP: Final = b"\x1f\x8b"


@dataclass(frozen=True)
class _Blob:
    """A file that is named after its SHA-256."""

    digest: str
    size: int

    @property
    def path(self) -> str:
        return f"blobs/sha256/{self.digest}"

    def descriptor(self, kind: str) -> dict[str, Any]:
        """Return how other files of the layout refer to it."""
        return {"mediaType": f"{_MEDIA}.{kind}", "digest": f"sha256:{self.digest}", "size": self.size}


def write_archive(saved: Path, archive: Path, tag: str, date: datetime) -> str:
    """Write the archive of an image.

    Args:
        saved: What `docker save` has written.
        archive: The file to write.
        tag: The name and tag that the image gets when it is loaded.
        date: The time that the archive says it was made.

    Returns:
        The digest of the image's manifest, `sha256:…`.
    """
    with tarfile.open(saved) as source, tarfile.open(archive, "w", format=tarfile.GNU_FORMAT) as target:
        (image,) = json.loads(_read(source, "manifest.json"))
        configuration = fixed_configuration(json.loads(_read(source, image["Config"])), date)
        layers = [_add_layer(source, name, target) for name in image["Layers"]]
        if [f"sha256:{layer.digest}" for layer in layers] != configuration["rootfs"]["diff_ids"]:
            raise ReleaseError(f"the engine saved other layers of {tag} than its configuration names")
        config = _add_json(target, configuration)
        manifest = _add_json(
            target,
            {
                "schemaVersion": 2,
                "mediaType": f"{_MEDIA}.manifest.v1+json",
                "config": config.descriptor("config.v1+json"),
                "layers": [layer.descriptor("layer.v1.tar") for layer in layers],
            },
        )
        name = {"io.containerd.image.name": f"docker.io/library/{tag}"}
        name["org.opencontainers.image.ref.name"] = tag.rpartition(":")[2]
        index = {
            "schemaVersion": 2,
            "manifests": [manifest.descriptor("manifest.v1+json") | {"annotations": name}],
        }
        docker = [{"Config": config.path, "RepoTags": [tag], "Layers": [layer.path for layer in layers]}]
        _add(target, "index.json", _encode(index))
        _add(target, "manifest.json", _encode(docker))
        _add(target, "oci-layout", _encode({"imageLayoutVersion": "1.0.0"}))
    return f"sha256:{manifest.digest}"


def fixed_configuration(configuration: Mapping[str, Any], date: datetime) -> dict[str, Any]:
    """Return the configuration of an image without what differs from build to build."""
    created = date.strftime("%Y-%m-%dT%H:%M:%SZ")
    container = configuration["config"]
    history = [{**step, "created": created} for step in configuration["history"]]
    return {
        "created": created,
        "architecture": configuration["architecture"],
        "os": configuration["os"],
        "config": {name: container[name] for name in _CONFIG_FIELDS if container.get(name)},
        "rootfs": configuration["rootfs"],
        "history": history,
    }


def _read(source: tarfile.TarFile, name: str) -> bytes:
    return _open(source, name).read()


def _open(source: tarfile.TarFile, name: str) -> IO[bytes]:
    file = source.extractfile(name)
    if file is None:
        raise ReleaseError(f"the engine saved {name} as something else than a file")
    return file


def _add_layer(source: tarfile.TarFile, name: str, target: tarfile.TarFile) -> _Blob:
    """Copy a layer, uncompressed, by way of a file: a layer may be larger than the memory."""
    with _open(source, name) as saved, TemporaryFile() as layer:
        compressed = saved.read(len(_GZIP)) == _GZIP
        saved.seek(0)
        shutil.copyfileobj(gzip.GzipFile(fileobj=saved) if compressed else saved, layer)
        layer.seek(0)
        blob = _Blob(hashlib.file_digest(layer, "sha256").hexdigest(), layer.tell())
        layer.seek(0)
        if blob.path not in target.getnames():
            target.addfile(_member(blob.path, blob.size), layer)
    return blob


def _add_json(target: tarfile.TarFile, value: Any) -> _Blob:
    content = _encode(value)
    blob = _Blob(hashlib.sha256(content).hexdigest(), len(content))
    _add(target, blob.path, content)
    return blob


def _add(target: tarfile.TarFile, name: str, content: bytes) -> None:
    target.addfile(_member(name, len(content)), io.BytesIO(content))


def _member(name: str, size: int) -> tarfile.TarInfo:
    """Describe a file of the archive. Its time, owner and mode are always the same."""
    member = tarfile.TarInfo(name)
    member.size = size
    return member


def _encode(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
