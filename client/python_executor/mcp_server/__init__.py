"""MCP server: a tool that runs Python, for programs that speak the Model Context Protocol."""
