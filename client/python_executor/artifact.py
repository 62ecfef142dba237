"""Artifacts: the files that a script has left."""

import builtins
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import anyio


@dataclass(frozen=True, slots=True)
class ArtifactInfo:
    """The description of an artifact.

    Attributes:
        path: Its path in the folder of the script. The script chose it: it is relative and has no `..`, but
            can be the name of a file that another program reads. `Client.save_artifacts` saves it safely.
        media_type: Its type, by the ending of its name.
        size: Its length in bytes.
        sha256: The SHA-256 of its bytes in hexadecimal, None if they were dropped.
        dropped: Whether the service did not keep its bytes, because they did not fit the limits.
    """

    path: str
    media_type: str
    size: int
    sha256: str | None
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class Artifact(ArtifactInfo):
    """An artifact of a job that a `Client` ran."""

    _read: Callable[[], builtins.bytes] = field(kw_only=True, repr=False, compare=False)

    def bytes(self) -> builtins.bytes:
        """Download the bytes.

        Raises:
            NotFound: The service has not kept them, or the job has expired.
            ServiceFault: The service did not answer, or the SHA-256 of the bytes is wrong.
        """
        return self._read()

    def save(self, path: str | Path) -> Path:
        """Download the bytes into a file, which is replaced if it exists; return its path."""
        target = Path(path)
        target.write_bytes(self.bytes())
        return target


@dataclass(frozen=True, slots=True)
class AsyncArtifact(ArtifactInfo):
    """An artifact of a job that an `AsyncClient` ran."""

    _read: Callable[[], Awaitable[builtins.bytes]] = field(kw_only=True, repr=False, compare=False)

    async def bytes(self) -> builtins.bytes:
        """Download the bytes; errors as in `Artifact.bytes`."""
        return await self._read()

    async def save(self, path: str | Path) -> Path:
        """Download the bytes into a file, which is replaced if it exists; return its path."""
        target = Path(path)
        await anyio.Path(target).write_bytes(await self.bytes())
        return target
