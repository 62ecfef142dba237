"""Saving of one artifact, whose path a script has chosen."""

from pathlib import Path

from python_executor.artifact import Artifact
from python_executor.artifact_folder import ArtifactFolder


class NotSaved(Exception):
    """An artifact cannot be saved. The message says why."""


def save(artifact: Artifact, folder: Path, *, overwrite: bool) -> None:
    """Download an artifact into a folder, under its own path.

    Args:
        artifact: The artifact.
        folder: The folder; it is made if it is not there.
        overwrite: Whether a file that is there may be replaced.

    Raises:
        NotSaved: The path leads out of the folder, is taken, or cannot be written.
        PythonExecutorError: The artifact cannot be downloaded.
    """
    if any(part in ("", ".", "..") for part in artifact.path.split("/")):
        raise NotSaved("its path leads out of the folder")
    if not artifact.path.isprintable():
        raise NotSaved("its path has characters that no file name should have")
    target = ArtifactFolder(folder, overwrite=overwrite)
    try:
        target.check([artifact.path])
        target.write(artifact.path, artifact.bytes())
    except FileExistsError:
        raise NotSaved("a file of this name is there") from None
    except OSError as error:
        raise NotSaved(error.strerror or str(error)) from None
