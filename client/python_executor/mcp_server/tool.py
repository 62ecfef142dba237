"""The tool `run_python`, as clients and models see it."""

from collections.abc import Sequence
from typing import Final

from mcp.types import Tool, ToolAnnotations

from python_executor.mcp_server.arguments import Arguments
from python_executor.mcp_server.result import OUTPUT, Result
from python_executor.mcp_server.schema import schema_of
from python_executor.service_info import Environment

NAME: Final = "run_python"

INPUT: Final = schema_of(Arguments)
OUTPUT_SCHEMA: Final = schema_of(Result)

_DESCRIPTION: Final = f"""\
Run a Python script in a sandbox and return what it printed. Print what you want to see: the value of the
last expression is not shown.

- Every call starts afresh: no variable and no file of an earlier call is there. Pass files in `files`.
- The script runs from top to bottom as the main program. Its working folder is its own: it can read and
  write files there (64 MB in all), and nowhere else.
- There is no network, and no package can be installed. It can import the standard library and the packages
  of its `environment`.
- It is stopped after `timeout` seconds, by default 5 and at most 30, and past 256 MB of memory, unless the
  operator has changed these limits.
- Images that it saves (PNG, JPEG, GIF, WebP) are shown to you. Other files that it leaves are listed with
  a URI. For a plot call savefig("plot.png"): show() shows nothing.
- Of an output of more than {OUTPUT:,} characters the middle is left out.
- A script that fails is a result with its error, line and traceback: correct the script and run it again."""

#: Characters that the packages of all environments may take in the description.
_PACKAGES: Final = 3_000


def describe(environments: Sequence[Environment] | None) -> str:
    """Return the description of the tool, with the environments if they are known."""
    if environments is None:
        return f"{_DESCRIPTION}\n- The resource python-executor://environments lists the environments."
    lines = [_line(one) for one in environments]
    return _DESCRIPTION + "\n\nEnvironments:\n" + "\n".join(lines)[:_PACKAGES]


def make_tool(environments: Sequence[Environment] | None, *, structured: bool) -> Tool:
    """Return the definition of the tool."""
    return Tool(
        name=NAME,
        title="Run Python",
        description=describe(environments),
        input_schema=INPUT,
        output_schema=OUTPUT_SCHEMA if structured else None,
        annotations=ToolAnnotations(
            title="Run Python",
            # A job changes nothing outside of its sandbox, and leaves only its artifacts.
            read_only_hint=False,
            destructive_hint=False,
            idempotent_hint=False,
            open_world_hint=False,
        ),
    )


def _line(environment: Environment) -> str:
    packages = ", ".join(f"{one.name} {one.version}" for one in environment.packages)
    return f"- {environment.name} (Python {environment.python}): {packages or 'the standard library alone'}"
