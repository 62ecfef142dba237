"""Let a model write Python, run it in the sandbox, and show the model what happened until it answers.

    python openai_tool_loop.py "What is the 1000th prime number?"

OPENAI_API_KEY, OPENAI_BASE_URL and OPENAI_MODEL choose the model, at any service that speaks this protocol.
"""

import json
import os
import sys

from openai import OpenAI
from openai.types.chat import ChatCompletionMessageToolCallUnion

from python_executor import Client, Execution, PythonExecutorError

#: How often the model is asked, and how many characters of an output it sees.
TURNS = 8
SHOWN = 4000

RUN_PYTHON = {
    "type": "function",
    "function": {
        "name": "run_python",
        "description": (
            "Run a Python program and return what it prints. It has the standard library, 10 seconds, and no "
            "network. Each call starts afresh: no variable and no file of an earlier call is there."
        ),
        "parameters": {
            "type": "object",
            "properties": {"code": {"type": "string", "description": "the whole program"}},
            "required": ["code"],
            "additionalProperties": False,
        },
    },
}


def clip(text: str) -> str:
    """Keep the beginning and the end of a long text."""
    if len(text) <= SHOWN:
        return text
    left_out = len(text) - SHOWN
    return f"{text[: SHOWN // 2]}\n[... {left_out} characters left out ...]\n{text[-SHOWN // 2 :]}"


def describe(execution: Execution) -> str:
    """Describe the outcome of a program in text."""
    parts = [f"status: {execution.status}"]
    if execution.error:
        line = f" (line {execution.error.line})" if execution.error.line else ""
        parts.append(f"error: {execution.error.type}: {execution.error.message}{line}")
    for name in ("stdout", "stderr"):
        text = getattr(execution, name)
        if text:
            cut = " (the service cut it)" if getattr(execution.truncated, name) else ""
            parts.append(f"{name}{cut}:\n{clip(text)}")
    return "\n".join(parts)


def call_tool(executor: Client, call: ChatCompletionMessageToolCallUnion) -> str:
    """Run the program of a call. Every error is returned as text, so that the model can try again."""
    if call.type != "function" or call.function.name != "run_python":
        return "error: the only tool is run_python"
    try:
        code = json.loads(call.function.arguments)["code"]
    except (ValueError, KeyError, TypeError):
        return 'error: the arguments must be JSON such as {"code": "print(1)"}'
    try:
        return describe(executor.run(str(code), timeout=10))
    except PythonExecutorError as error:
        return f"error: the program did not run: {error}"


def ask(model: OpenAI, executor: Client, question: str) -> str:
    """Return the answer of the model, which may run programs first."""
    messages = [{"role": "user", "content": question}]
    for turn in range(TURNS):
        reply = model.chat.completions.create(
            model=os.environ.get("OPENAI_MODEL", "gpt-5-mini"),
            messages=messages,
            tools=[RUN_PYTHON],
            # In the last turn the model must answer with what it knows.
            tool_choice="auto" if turn < TURNS - 1 else "none",
        )
        message = reply.choices[0].message
        if not message.tool_calls:
            return message.content or ""
        messages.append(message.model_dump(exclude_none=True))
        messages += [
            {"role": "tool", "tool_call_id": call.id, "content": call_tool(executor, call)}
            for call in message.tool_calls
        ]
    return f"The model has not answered in {TURNS} turns."


def main() -> None:
    with OpenAI() as model, Client() as executor:
        print(ask(model, executor, sys.argv[1]))


if __name__ == "__main__":
    main()
