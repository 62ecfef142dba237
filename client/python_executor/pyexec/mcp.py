"""The command `pyexec mcp`."""

# Click keeps the line breaks of a paragraph that starts with the backspace character \b.
# ruff: noqa: D301

import sys
from importlib.util import find_spec

import click

from python_executor.pyexec.display import Display
from python_executor.pyexec.problem import Problem
from python_executor.pyexec.service import Service, service_options


@click.command()
@click.option("--http", is_flag=True, help="Serve Streamable HTTP instead of standard input and output.")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    help="With --http: the address to listen on.",
)
@click.option(
    "--port", default=8090, show_default=True, metavar="N", help="With --http: the port, 0 for a free one."
)
@click.option(
    "--allowed-host",
    "allowed_hosts",
    multiple=True,
    metavar="NAME",
    help="With --http: a host name by which clients call this server. Can be repeated.",
)
@click.option(
    "--allow-unauthenticated",
    is_flag=True,
    help="With --http: serve other machines even if the service needs no key.",
)
@click.option(
    "--no-structured", is_flag=True, help="Leave out structured content: answer with text and images."
)
@service_options(hidden=True)
@click.pass_obj
def mcp(
    service: Service,
    *,
    http: bool,
    host: str,
    port: int,
    allowed_hosts: tuple[str, ...],
    allow_unauthenticated: bool,
    no_structured: bool,
) -> int:
    """Serve `run_python` to language models (MCP).

    An MCP client, such as Claude Code, starts this command and sends messages of the Model Context Protocol
    to its standard input. With --http the command listens for clients instead.

    \b
    Examples:
      pyexec mcp
      pyexec mcp --http --port 8090
    """
    if find_spec("mcp") is None:
        raise Problem("`pyexec mcp` needs the extra mcp: pip install 'python-executor-client[mcp]'")
    settings = service.settings()
    from python_executor.mcp_server.main import serve_http, serve_stdio  # noqa: PLC0415

    try:
        if http:
            serve_http(
                settings.url,
                host,
                port,
                allowed_hosts=allowed_hosts,
                allow_unauthenticated=allow_unauthenticated,
                structured=not no_structured,
            )
        else:
            if sys.stdin and sys.stdin.isatty():
                Display().hint(
                    "an MCP client starts this command and writes to its standard input; Ctrl-C ends it"
                )
            serve_stdio(settings.url, settings.key, structured=not no_structured)
    except ValueError as error:
        raise Problem(str(error)) from None
    return 0
