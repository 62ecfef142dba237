"""The command `pyexec mcp`."""

# Click keeps the line breaks of a paragraph that starts with the backspace character \b.
# ruff: noqa: D301

from importlib import import_module
from importlib.util import find_spec

import click

from python_executor.pyexec.problem import Problem
from python_executor.pyexec.service import Service, service_options


@click.command()
@click.option("--http", is_flag=True, help="Serve Streamable HTTP instead of standard input and output.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on, with --http.")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8081,
    show_default=True,
    help="Port to listen on, with --http.",
)
@service_options(hidden=True)
@click.pass_obj
def mcp(service: Service, http: bool, host: str, port: int) -> int:
    """Serve `run_python` to language models (MCP).

    MCP is the Model Context Protocol.

    \b
    Examples:
      pyexec mcp
      pyexec mcp --http --port 8081
    """
    if find_spec("mcp") is None:
        raise Problem("`pyexec mcp` needs the extra mcp: pip install 'python-executor-client[mcp]'")
    service.settings()
    service.export()
    server = import_module("python_executor.mcp_server")
    if http:
        server.serve_http(host, port)
    else:
        server.serve_stdio()
    return 0
