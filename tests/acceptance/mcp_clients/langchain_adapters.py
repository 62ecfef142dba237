"""The client langchain-mcp-adapters, and an agent of LangChain with a scripted model."""

from langchain.agents import create_agent
from langchain_mcp_adapters.callbacks import Callbacks
from langchain_mcp_adapters.client import MultiServerMCPClient
from langchain_mcp_adapters.tools import load_mcp_tools
from observing import COMMAND, FOREVER, HEADERS, PICTURE, QUESTION, VARIABLES, cancel, observe


async def stdio():
    server = {"transport": "stdio", "command": COMMAND[0], "args": [*COMMAND[1:]], "env": VARIABLES}
    return await use(server)


async def http(url):
    return await use({"transport": "http", "url": url, "headers": HEADERS})


async def use(server):
    progress = []

    async def take(seconds, total, message, context):
        progress.append(message)

    callbacks = Callbacks(on_progress=take)
    async with MultiServerMCPClient({"python": server}).session("python") as session:
        tools = await load_mcp_tools(session, callbacks=callbacks)
        (tool,) = tools

        async def call(arguments):
            asked = {"type": "tool_call", "id": "1", "name": tool.name, "args": arguments}
            return await tool.ainvoke(asked)

        agent = create_agent("openai:scripted", tools)
        state = await agent.ainvoke({"messages": [("user", QUESTION)]})
        picture = await call({"code": PICTURE})
        wrong = await call({"code": "print(1)", "timeout": -1})
        return {
            "tools": [tool.name for tool in tools],
            "answer": state["messages"][-1].text,
            "picture": picture.model_dump(mode="json"),
            "wrong": wrong.model_dump(mode="json"),
            "progress": progress,
            "cancelled": await cancel(lambda: call(FOREVER)),
        }


observe(stdio, http)
