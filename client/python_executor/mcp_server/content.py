"""The result of the tool `run_python`, as text and images for a model."""

import secrets
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mcp.types import ContentBlock, ImageContent, TextContent

from python_executor.artifact import AsyncArtifact
from python_executor.errors import PythonExecutorError
from python_executor.mcp_server import image_header
from python_executor.mcp_server.result import File, Result
from python_executor.mcp_server.text import fence, quote

#: The most images of a result, and the most bytes of all. Some clients refuse results of more than 1 MB.
IMAGES: Final = 8
IMAGES_BYTES: Final = 700_000

_NAME: Final = 300
_MESSAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Image:
    """An image that a script left behind."""

    path: str
    media_type: str
    content: bytes

    def block(self) -> ImageContent:
        """Return it as content of a result."""
        return ImageContent(data=b64encode(self.content).decode("ascii"), mime_type=self.media_type)


async def read_images(artifacts: Sequence[AsyncArtifact]) -> list[Image]:
    """Download the artifacts that are images, as many as a result may have."""
    images: list[Image] = []
    left = IMAGES_BYTES
    for artifact in artifacts:
        if artifact.dropped or artifact.size > left or len(images) == IMAGES:
            continue
        if not artifact.media_type.startswith("image/") or artifact.media_type == "image/svg+xml":
            continue
        try:
            content = await artifact.bytes()
        except PythonExecutorError:
            continue  # it is still listed, with the way to read it
        kind = image_header.media_type(content)
        if kind and image_header.can_be_shown(content):
            images.append(Image(artifact.path, kind, content))
            left -= len(content)
    return images


def blocks(result: Result, shown: Sequence[Image]) -> list[ContentBlock]:
    """Return the content of a result.

    The first block has no line that the script wrote. What the script wrote is in the second, between marks
    that are drawn after its end. So a script can imitate neither, also if a client joins all blocks.
    """
    mark = secrets.token_hex(4)
    outputs = {"stdout": result.stdout, "stderr": result.stderr, "traceback": _traceback(result)}
    written = [fence(name, text, mark) for name, text in outputs.items() if text]
    content: list[ContentBlock] = [TextContent(text=_summary(result, shown, mark if written else ""))]
    if written:
        content.append(TextContent(text="\n".join(written)))
    return content + [image.block() for image in shown]


def _traceback(result: Result) -> str:
    """Return the traceback, empty if there is none or stderr ends with it."""
    if not result.error or not result.error.traceback:
        return ""
    return "" if result.stderr.rstrip().endswith(result.error.message) else result.error.traceback


def _summary(result: Result, shown: Sequence[Image], mark: str) -> str:
    lines = [_status(result)]
    if result.error:
        lines.append(f"Error: {quote(result.error.message, _MESSAGE)}")
    lines += [f"{name} is not complete: a part is missing." for name, cut in result.truncated if cut]
    if result.artifacts:
        as_images = {image.path for image in shown}
        lines.append("Files left behind:")
        lines += [f"- {_file(file, shown=file.path in as_images)}" for file in result.artifacts]
    if result.artifacts_truncated:
        lines.append("There may be more files.")
    if mark:
        lines.append(f"What the script wrote is between the marks {mark}.")
    elif result.status == "succeeded":
        lines.append("The script printed nothing.")
    return "\n".join(lines)


def _status(result: Result) -> str:
    said = {
        "succeeded": "The script succeeded",
        "failed": "The script failed",
        "refused": "The script was refused and did not run",
    }.get(result.status, f"The job is {result.status}")
    details = []
    if result.error:
        details.append(result.error.type)
        if result.error.line is not None:
            details.append(f"line {result.error.line}")
    if result.exit_code is not None:
        details.append(f"exit code {result.exit_code}")
    if result.usage.wall_ms is not None:
        details.append(f"{result.usage.wall_ms / 1000:.2f} s")
    return f"{said} ({', '.join(details)})." if details else f"{said}."


def _file(file: File, *, shown: bool) -> str:
    where = "shown as an image" if shown else file.uri or "too large, not kept"
    return f"{quote(file.path, _NAME)}, {file.size:,} bytes, {where}"
