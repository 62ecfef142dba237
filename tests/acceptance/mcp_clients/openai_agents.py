"""The MCP clients of openai-agents, and an agent with a scripted model."""

from agents import Agent, OpenAIChatCompletionsModel, Runner
from agents.mcp import MCPServerStdio, MCPServerStreamableHttp
from observing import COMMAND, FOREVER, HEADERS, PICTURE, QUESTION, VARIABLES, cancel, observe
from openai import AsyncOpenAI

#: Their default is 5 seconds, in which few scripts can be sure to end.
WAIT = {"client_session_timeout_seconds": 60}


async def stdio():
    server = {"command": COMMAND[0], "args": [*COMMAND[1:]], "env": VARIABLES}
    async with MCPServerStdio(server, **WAIT) as server:
        return await use(server)


async def http(url):
    async with MCPServerStreamableHttp({"url": url, "headers": HEADERS}, **WAIT) as server:
        return await use(server)


async def use(server):
    tools = await server.list_tools()
    model = OpenAIChatCompletionsModel(model="scripted", openai_client=AsyncOpenAI())
    agent = Agent(name="mathematician", model=model, mcp_servers=[server])
    result = await Runner.run(agent, QUESTION)
    picture = await server.call_tool("run_python", {"code": PICTURE})
    wrong = await server.call_tool("run_python", {"code": "print(1)", "timeout": -1})
    return {
        "tools": [tool.name for tool in tools],
        "answer": result.final_output,
        "picture": picture.model_dump(mode="json"),
        "wrong": wrong.model_dump(mode="json"),
        "cancelled": await cancel(lambda: server.call_tool("run_python", FOREVER)),
    }


observe(stdio, http)
