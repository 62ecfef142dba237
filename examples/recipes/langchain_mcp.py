"""Give an agent of LangChain the tool run_python of the MCP server `pyexec mcp`.

    python langchain_mcp.py "What is the 1000th prime number?"

LANGCHAIN_MODEL chooses the model, for example anthropic:claude-sonnet-4-5. `pyexec` must be on the PATH.
"""

import asyncio
import os
import sys

from langchain.agents import create_agent
from langchain_mcp_adapters.client import MultiServerMCPClient
from langchain_mcp_adapters.tools import load_mcp_tools

# An MCP client starts a server with almost no environment variables, so these are named.
SETTINGS = ("PYTHON_EXECUTOR_URL", "PYTHON_EXECUTOR_KEY")
SERVER = {
    "transport": "stdio",
    "command": "pyexec",
    "args": ["mcp"],
    "env": {name: os.environ[name] for name in ("PATH", *SETTINGS) if name in os.environ},
}


async def main() -> None:
    # One session for the whole conversation. `client.get_tools()` would start a server for each call.
    async with MultiServerMCPClient({"python": SERVER}).session("python") as session:
        agent = create_agent(
            os.environ.get("LANGCHAIN_MODEL", "openai:gpt-5-mini"),
            tools=await load_mcp_tools(session),
            system_prompt="Compute with run_python rather than in your head.",
        )
        # The limit counts the turns of the model and those of the tools.
        state = await agent.ainvoke({"messages": [("user", sys.argv[1])]}, {"recursion_limit": 16})
    print(state["messages"][-1].text)


if __name__ == "__main__":
    asyncio.run(main())
