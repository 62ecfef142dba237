"""The MCP server: its answers, for every transport."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import replace
from hashlib import sha256
from importlib.metadata import version
from typing import Any, Final, TypeAlias

import anyio
from mcp import MCPError
from mcp.server import Server, ServerRequestContext
from mcp.server.caching import CacheHint
from mcp.types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListResourcesResult,
    ListResourceTemplatesResult,
    ListToolsResult,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    ReadResourceResult,
    TextContent,
)

from python_executor.artifact import AsyncArtifact
from python_executor.async_client import AsyncClient
from python_executor.errors import AuthenticationFailed, PythonExecutorError, RequestRefused
from python_executor.execution import Execution
from python_executor.mcp_server import content, resources
from python_executor.mcp_server.arguments import Arguments
from python_executor.mcp_server.calls import RunningCalls
from python_executor.mcp_server.failure import CallFailed
from python_executor.mcp_server.progress import Progress
from python_executor.mcp_server.result import Result
from python_executor.mcp_server.running import run
from python_executor.mcp_server.text import clean
from python_executor.mcp_server.tool import INPUT, NAME, make_tool
from python_executor.script import Script
from python_executor.service_info import Environment
from python_executor.transport import default_tls

Context: TypeAlias = ServerRequestContext[Any, Any]

#: Returns the API key of the caller of a request.
FindKey = Callable[[Context], str]

#: Seconds that the service may be away in a call.
PATIENCE: Final = 5.0

#: Seconds that the list of tools waits for the environments.
_DESCRIBING: Final = 3.0

#: The error of a service whose workers have no files.
_NO_FILES: Final = "unsupported"

_INSTRUCTIONS: Final = (
    "run_python runs Python scripts in a sandbox without network, and shows what they printed."
)


class ExecutorServer:
    """A server in front of the service.

    Every call has a client of its own with the key of its caller, so calls share no data. The service decides
    which jobs and files belong to the key.
    """

    def __init__(self, url: str, find_key: FindKey, *, structured: bool = True) -> None:
        """Make the server.

        Args:
            url: The URL of the service.
            find_key: Returns the API key of a caller, empty for none.
            structured: Whether results have structured content besides text and images.
        """
        self.calls = RunningCalls()
        self._url, self._find_key, self._structured = url, find_key, structured
        # Loading certificates for every call would keep the event loop busy.
        self._tls = default_tls(url)
        self.mcp: Server[Any] = Server(
            "python-executor",
            version=version("python-executor-client"),
            title="python-executor",
            instructions=_INSTRUCTIONS,
            cache_hints={"tools/list": CacheHint(60_000, "private")},
            get_tool_input_schema=lambda name: INPUT if name == NAME else None,
            on_list_tools=self._list_tools,
            on_call_tool=self._call_tool,
            on_list_resources=self._list_resources,
            on_list_resource_templates=self._list_templates,
            on_read_resource=self._read_resource,
        )

    def _counted(self, context: Context) -> AbstractContextManager[None]:
        return self.calls.one(self._find_key(context))

    @asynccontextmanager
    async def _client(self, context: Context) -> AsyncIterator[AsyncClient]:
        try:
            # An empty key is no key. None would stand for the key of this process.
            client = AsyncClient(self._url, self._find_key(context), timeout=PATIENCE, tls=self._tls)
        except ValueError as error:
            raise CallFailed(f"The API key cannot be one: {error}.") from None
        async with client:
            yield client

    async def _list_tools(self, context: Context, _: PaginatedRequestParams | None) -> ListToolsResult:
        environments: Sequence[Environment] | None = None
        with anyio.move_on_after(_DESCRIBING):
            try:
                async with self._client(context) as client:
                    environments = await client.environments()
            except (PythonExecutorError, CallFailed):
                pass  # the call of the tool says what is wrong
        return ListToolsResult(tools=[make_tool(environments, structured=self._structured)])

    async def _call_tool(self, context: Context, params: CallToolRequestParams) -> CallToolResult:
        """Run a script.

        A script that fails is a result, not an error of the tool: the tool has done its work. Some clients
        give up after a few errors of tools, and some drop the structured content, the images, or every block
        of text but the first, so that a model would not see the traceback. An error of the tool means that
        the call itself failed: wrong arguments, a wrong key, a service that is away.
        """
        if params.name != NAME:
            raise MCPError(INVALID_PARAMS, f"there is no tool {params.name[:100]!r}; there is {NAME}")
        try:
            arguments = Arguments.parse(params.arguments or {})
            script = arguments.to_script()
            with self._counted(context):
                async with self._client(context) as client:
                    return await self._run(context, client, arguments, script)
        except CallFailed as failure:
            return _failed(str(failure))
        except AuthenticationFailed:
            return _failed("The service refused the API key: it is missing or wrong.")
        except RequestRefused as refused:
            return _failed(f"The service refused the call: {refused.message}")
        except PythonExecutorError as error:
            return _failed(f"The service that runs scripts failed: {error}")

    async def _run(
        self, context: Context, client: AsyncClient, arguments: Arguments, script: Script
    ) -> CallToolResult:
        progress = Progress(context.session.report_progress)
        execution = await progress.during(_execute(client, arguments, script, progress))
        own = [one for one in execution.artifacts if not _is_input(one, script)]
        images = await content.read_images(own)
        result = Result.of(execution, own)
        return CallToolResult(
            content=content.blocks(result, images),
            structured_content=result.model_dump() if self._structured else None,
        )

    async def _list_resources(
        self, _context: Context, _params: PaginatedRequestParams | None
    ) -> ListResourcesResult:
        return ListResourcesResult(resources=resources.RESOURCES)

    async def _list_templates(
        self, _context: Context, _params: PaginatedRequestParams | None
    ) -> ListResourceTemplatesResult:
        return ListResourceTemplatesResult(resource_templates=resources.TEMPLATES)

    async def _read_resource(self, context: Context, params: ReadResourceRequestParams) -> ReadResourceResult:
        try:
            with self._counted(context):
                async with self._client(context) as client:
                    if params.uri == resources.ENVIRONMENTS:
                        return await resources.read_environments(client)
                    return await resources.read_artifact(client, params.uri)
        except (CallFailed, PythonExecutorError) as error:
            raise MCPError(INVALID_PARAMS, clean(str(error))) from None


async def _execute(
    client: AsyncClient, arguments: Arguments, script: Script, progress: Progress
) -> Execution[AsyncArtifact]:
    """Run a script, without artifacts where workers have no files, unless the model asked for some."""
    optional = not script.files and not arguments.names_artifacts
    without = replace(script, artifacts=())
    try:
        execution = await run(client, script, progress.take)
    except RequestRefused as refused:
        if refused.type != _NO_FILES or not optional:
            raise
        return await run(client, without, progress.take)
    if execution.error and execution.error.type == _NO_FILES and optional:
        # The service learned only now that a restricted worker has come.
        return await run(client, without, progress.take)
    return execution


def _is_input(artifact: AsyncArtifact, script: Script) -> bool:
    """Whether a file is one of the call, as it was sent."""
    sent = (script.files or {}).get(artifact.path)
    if sent is None:
        return False
    content = sent.encode(errors="replace") if isinstance(sent, str) else sent
    return sha256(content).hexdigest() == artifact.sha256


def _failed(sentence: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(text=clean(sentence))], is_error=True)
