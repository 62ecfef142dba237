"""The client of the official SDK, in its previous major version."""

from datetime import timedelta

from mcp import ClientSession, StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamablehttp_client
from observing import COMMAND, FOREVER, HEADERS, PICTURE, VARIABLES, cancel, observe


async def stdio():
    server = StdioServerParameters(command=COMMAND[0], args=[*COMMAND[1:]], env=VARIABLES)
    async with stdio_client(server) as streams:
        return await use(*streams)


async def http(url):
    async with streamablehttp_client(url, headers=HEADERS) as (read, write, _):
        return await use(read, write)


async def use(read, write):
    async with ClientSession(read, write, timedelta(seconds=60)) as session:
        initialized = await session.initialize()
        tools = (await session.list_tools()).tools
        progress = []

        async def take(seconds, total, message):
            progress.append(message)

        async def run(code):
            return await session.call_tool("run_python", {"code": code}, progress_callback=take)

        failed = await run("print('adding')\n1 / 0")
        picture = await run(PICTURE)
        wrong = await session.call_tool("run_python", {"program": "print(1)"})
        resources = (await session.list_resources()).resources
        read_one = await session.read_resource(resources[0].uri)
        return {
            "revision": initialized.protocolVersion,
            "tools": [tool.name for tool in tools],
            "failed": failed.model_dump(mode="json"),
            "picture": picture.model_dump(mode="json"),
            "wrong": wrong.model_dump(mode="json"),
            "resource": read_one.contents[0].text,
            "progress": progress,
            "cancelled": await cancel(lambda: session.call_tool("run_python", FOREVER)),
        }


observe(stdio, http)
