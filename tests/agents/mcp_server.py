"""A server of the Model Context Protocol, for the tests of its client: over standard input and output, or HTTP."""

from __future__ import annotations

import os
import sys

import anyio
import uvicorn
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

server = MCPServer("tests")


@server.tool()
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


@server.tool()
def fail(why: str) -> str:
    """Fail."""
    raise ToolError(why)


@server.tool()
async def hang() -> str:
    """Give no answer."""
    await anyio.sleep_forever()
    return ""


@server.tool()
def die() -> str:
    """End the process."""
    os._exit(3)


@server.tool()
def grow() -> str:
    """Have one more tool."""

    def grown() -> str:
        """Was not there before."""
        return "yes"

    server.add_tool(grown)
    return "grown"


if __name__ == "__main__":
    if len(sys.argv) > 1:  # a socket that listens, as a file descriptor
        uvicorn.run(server.streamable_http_app(), fd=int(sys.argv[1]))
    else:
        server.run("stdio")
