"""The command `pyexec mcp`."""

import click


@click.command()
@click.option("--http", is_flag=True, help="Serve Streamable HTTP instead of standard input and output.")
@click.option("--host", default="127.0.0.1", show_default=True, help="With --http: the address to listen on.")
@click.option("--port", default=8090, show_default=True, help="With --http: the port, 0 for a free one.")
@click.option("--allowed-host", "allowed_hosts", multiple=True, help="With --http: a name of this server.")
@click.option("--allow-unauthenticated", is_flag=True, help="With --http: for a service without keys.")
@click.option("--no-structured", is_flag=True, help="Answer with text and images only.")
def mcp(
    *,
    http: bool,
    host: str,
    port: int,
    allowed_hosts: tuple[str, ...],
    allow_unauthenticated: bool,
    no_structured: bool,
) -> None:
    """Serve the Model Context Protocol: a tool that runs Python."""
    try:
        from python_executor.mcp_server.main import serve_http, serve_stdio  # noqa: PLC0415
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in (
            "mcp",
            "mcp_types",
            "uvicorn",
            "starlette",
            "pydantic",
        ):
            raise
        raise click.ClickException("install it first: pip install 'python-executor-client[mcp]'") from None
    try:
        if http:
            serve_http(
                host,
                port,
                allowed_hosts=allowed_hosts,
                allow_unauthenticated=allow_unauthenticated,
                structured=not no_structured,
            )
        else:
            serve_stdio(structured=not no_structured)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
