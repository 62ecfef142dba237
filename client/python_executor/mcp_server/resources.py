"""The resources: the environments with the limits, and the files that scripts left behind."""

import json
from base64 import b64encode
from dataclasses import asdict
from typing import Any, Final

from mcp.types import (
    BlobResourceContents,
    ReadResourceResult,
    Resource,
    ResourceTemplate,
    TextResourceContents,
)

from python_executor.async_client import AsyncClient
from python_executor.errors import NotFound
from python_executor.mcp_server import artifact_uri, image_header
from python_executor.mcp_server.failure import CallFailed
from python_executor.mcp_server.text import clean
from python_executor.mcp_server.tool import describe

#: The most bytes of an artifact that can be read.
READABLE: Final = 2 * 2**20

ENVIRONMENTS: Final = "python-executor://environments"

RESOURCES: Final = [
    Resource(
        uri=ENVIRONMENTS,
        name="environments",
        title="Environments and limits",
        description="The sets of packages that a script can import, with versions, and its limits.",
        mime_type="application/json",
    )
]

TEMPLATES: Final = [
    ResourceTemplate(
        uri_template=artifact_uri.TEMPLATE,
        name="artifact",
        title="File of a script",
        description="A file that a script of yours left behind. Results of run_python name the URIs.",
    )
]


async def read_environments(client: AsyncClient) -> ReadResourceResult:
    """Return the environments and limits, as JSON and as text."""
    environments, ceilings = await client.environments(), await client.ceilings()
    data: dict[str, Any] = {
        "environments": [asdict(one) for one in environments],
        "limits": {name: {"ceiling": ceiling} for name, ceiling in ceilings.items()},
    }
    listed = "\n".join(f"- {name}: at most {ceiling:g}" for name, ceiling in ceilings.items())
    readable = f"{describe(environments)}\n\nLimits that a script may ask for:\n{listed}"
    return ReadResourceResult(
        contents=[
            TextResourceContents(
                uri=ENVIRONMENTS, mime_type="application/json", text=json.dumps(data, indent=1)
            ),
            TextResourceContents(uri=ENVIRONMENTS, mime_type="text/markdown", text=readable),
        ]
    )


async def read_artifact(client: AsyncClient, uri: str) -> ReadResourceResult:
    """Return a file that a script left behind.

    The type is never that of a program, such as HTML or SVG, which a host might run.

    Raises:
        CallFailed: The caller has no such file.
    """
    named = artifact_uri.parse(uri)
    if named is None:
        raise CallFailed("There is no such resource.")
    job_id, path = named
    try:
        artifact = (await client.get(job_id)).artifact(path)
        if artifact.size > READABLE:
            raise CallFailed(f"The file has {artifact.size:,} bytes; a resource has at most {READABLE:,}.")
        content = await artifact.bytes()
    except (NotFound, KeyError):
        raise CallFailed("There is no such file, or it has expired.") from None
    kind = image_header.media_type(content)
    try:
        text = None if kind else content.decode("utf-8")
    except UnicodeDecodeError:
        text = None
    if text is not None and clean(text) == text.replace("\r\n", "\n"):
        return ReadResourceResult(contents=[TextResourceContents(uri=uri, mime_type="text/plain", text=text)])
    blob = b64encode(content).decode("ascii")
    return ReadResourceResult(
        contents=[BlobResourceContents(uri=uri, mime_type=kind or "application/octet-stream", blob=blob)]
    )
