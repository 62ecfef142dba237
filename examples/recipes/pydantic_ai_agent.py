"""Give an agent of pydantic-ai a tool that runs Python.

    python pydantic_ai_agent.py "What is the 1000th prime number?"

PYDANTIC_AI_MODEL chooses the model, for example anthropic:claude-sonnet-4-5.
"""

import asyncio
import os
import sys

from pydantic_ai import Agent, ModelRetry, RunContext, UsageLimits

from python_executor import AsyncClient

agent = Agent(
    deps_type=AsyncClient,
    instructions="Compute with run_python rather than in your head.",
    # A model that writes five faulty programs in a row ends the run with an exception.
    retries=5,
)


@agent.tool
async def run_python(context: RunContext[AsyncClient], code: str) -> str:
    """Run a Python program and return what it prints.

    It has the standard library, 10 seconds, and no network. Each call starts afresh.

    Args:
        code: The whole program.
    """
    # A failed service raises, which ends the run: the model could do nothing about it.
    execution = await context.deps.run(code, timeout=10)
    if execution.error:
        # The model sees the traceback, and tries again.
        output = f"{execution.stdout[-2000:]}\n{execution.stderr[-2000:]}"
        raise ModelRetry(f"{execution.error.type}: {execution.error.message}\n{output}")
    return execution.stdout[:8000] or "The program printed nothing."


async def main() -> None:
    async with AsyncClient() as executor:
        result = await agent.run(
            sys.argv[1],
            model=os.environ.get("PYDANTIC_AI_MODEL", "openai-chat:gpt-5-mini"),
            deps=executor,
            usage_limits=UsageLimits(request_limit=8),
        )
    print(result.output)


if __name__ == "__main__":
    asyncio.run(main())
