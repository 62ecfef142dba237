"""Archives of images."""

import gzip
import hashlib
import io
import json
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from release.commands import ReleaseError
from release.image_archive import write_archive

DATE = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
LAYERS = (b"the base", b"the service")
CONFIG = {"User": "10001", "Labels": {"a": "b"}, "Env": None, "Image": "sha256:of an earlier step"}


def _configuration(**fields: Any) -> dict[str, Any]:
    return {
        "architecture": "amd64",
        "os": "linux",
        "created": "2026-11-30T01:02:03.456Z",
        "config": CONFIG,
        "history": [{"created": "2026-11-30T01:02:03Z", "created_by": "RUN"}],
        "rootfs": {"type": "layers", "diff_ids": [_digest(layer) for layer in LAYERS]},
        **fields,
    }


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _save(path: Path, *, layers: tuple[bytes, ...] = LAYERS, **fields: Any) -> None:
    """Write what an engine could save."""
    names = [f"{number}/layer.tar" for number, _ in enumerate(layers)]
    manifest = [{"Config": "config.json", "RepoTags": ["some:tag"], "Layers": names}]
    files = dict(zip(names, layers, strict=True))
    files |= {"config.json": json.dumps(_configuration(**fields)).encode()}
    files |= {"manifest.json": json.dumps(manifest).encode()}
    with tarfile.open(path, "w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def _read(archive: Path) -> dict[str, bytes]:
    files = {}
    with tarfile.open(archive) as source:
        for member in source:
            file = source.extractfile(member)
            assert file
            files[member.name] = file.read()
    return files


def test_archive_has_the_same_bytes_when_the_engine_and_the_time_differ(tmp_path: Path) -> None:
    _save(tmp_path / "saved")
    _save(
        tmp_path / "saved again",
        layers=(LAYERS[0], gzip.compress(LAYERS[1])),
        created="2027-01-01T00:00:00Z",
        config={**CONFIG, "Image": "sha256:of another step", "Hostname": "builder"},
        history=[{"created": "2027-01-01T00:00:00Z", "created_by": "RUN"}],
        docker_version="28",
    )
    digests = [
        write_archive(tmp_path / name, tmp_path / f"{name}.tar", "example:1", DATE)
        for name in ("saved", "saved again")
    ]
    assert digests[0] == digests[1]
    assert (tmp_path / "saved.tar").read_bytes() == (tmp_path / "saved again.tar").read_bytes()


def test_archive_is_an_image_layout_that_docker_loads_too(tmp_path: Path) -> None:
    _save(tmp_path / "saved")
    digest = write_archive(tmp_path / "saved", tmp_path / "archive", "example:1", DATE)
    files = _read(tmp_path / "archive")
    for name, content in files.items():
        if name.startswith("blobs/"):
            assert name == f"blobs/{_digest(content).replace(':', '/')}"
    [manifest] = json.loads(files["index.json"])["manifests"]
    assert manifest["digest"] == digest
    image = json.loads(files[f"blobs/{digest.replace(':', '/')}"])
    assert [layer["digest"] for layer in image["layers"]] == [_digest(layer) for layer in LAYERS]
    configuration = json.loads(files[f"blobs/{image['config']['digest'].replace(':', '/')}"])
    assert configuration["created"] == configuration["history"][0]["created"] == "2026-01-02T03:04:05Z"
    assert configuration["config"] == {"User": "10001", "Labels": {"a": "b"}}
    [docker] = json.loads(files["manifest.json"])
    assert docker["RepoTags"] == ["example:1"]
    assert {docker["Config"], *docker["Layers"]} < files.keys()


def test_archive_is_refused_when_a_layer_is_not_that_of_the_configuration(tmp_path: Path) -> None:
    _save(tmp_path / "saved", layers=(LAYERS[0], b"another"))
    with pytest.raises(ReleaseError, match="other layers of example:1"):
        write_archive(tmp_path / "saved", tmp_path / "archive", "example:1", DATE)
