"""The command `pyexec mcp`."""

# Click keeps the line breaks of a paragraph that starts with the backspace character \b.
# ruff: noqa: D301

from importlib.util import find_spec

import click

from python_executor.pyexec.problem import Problem
from python_executor.pyexec.service import Service, service_options


@click.command()
@click.option("--http", is_flag=True, help="Serve Streamable HTTP instead of standard input and output.")
@click.option("--host", default="127.0.0.1", show_default=True, help="With --http: the address to listen on.")
@click.option("--port", default=8090, show_default=True, help="With --http: the port, 0 for a free one.")
@click.option("--allowed-host", "allowed_hosts", multiple=True, help="With --http: a name of this server.")
@click.option("--allow-unauthenticated", is_flag=True, help="With --http: for a service without keys.")
@click.option("--no-structured", is_flag=True, help="Answer with text and images only.")
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

    MCP is the Model Context Protocol.

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
            serve_stdio(settings.url, settings.key, structured=not no_structured)
    except ValueError as error:
        raise Problem(str(error)) from None
    return 0
