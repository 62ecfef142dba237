"""The MCP toolset of pydantic-ai, and an agent with a scripted model."""

from base64 import b64encode

from fastmcp.client.transports import StdioTransport
from observing import COMMAND, FOREVER, HEADERS, PICTURE, QUESTION, VARIABLES, cancel, observe
from pydantic_ai import Agent, BinaryContent, ModelRetry
from pydantic_ai.mcp import MCPToolset


async def stdio():
    # By default the transport keeps its server after the session, and its script may go on.
    transport = StdioTransport(COMMAND[0], [*COMMAND[1:]], env=VARIABLES, keep_alive=False)
    return await use(transport)


async def http(url):
    return await use(url, headers=HEADERS)


async def use(server, **options):
    progress = []

    async def take(seconds, total, message):
        progress.append(message)

    async with MCPToolset(server, progress_handler=take, **options) as toolset:
        tools = await toolset.list_tools()
        agent = Agent("openai-chat:scripted", toolsets=[toolset])
        result = await agent.run(QUESTION)
        picture = await toolset.direct_call_tool("run_python", {"code": PICTURE})
        try:
            wrong = await toolset.direct_call_tool("run_python", {"code": "print(1)", "timeout": -1})
        except ModelRetry as retry:
            wrong = retry.message
        return {
            "tools": [tool.name for tool in tools],
            "answer": result.output,
            "picture": [
                {"media_type": part.media_type, "data": b64encode(part.data).decode()}
                if isinstance(part, BinaryContent)
                else part
                for part in picture
            ],
            "wrong": wrong,
            "progress": progress,
            "cancelled": await cancel(lambda: toolset.direct_call_tool("run_python", FOREVER)),
        }


observe(stdio, http)
