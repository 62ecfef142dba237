"""Runs the command `mcp`, as `python -m python_executor.mcp_server`."""

from python_executor.pyexec.mcp import mcp

mcp()
