"""Tools of MCP servers: real ones, started here."""

from __future__ import annotations

import contextlib
import json
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import pytest
import trio

from trialogue.agents import McpServer, ToolError, ToolSettings, open_mcp
from trialogue.engine import ConfigurationError, ProviderError, open_worker

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

pytest.importorskip("mcp", reason="needs `pip install 'trialogue[mcp]'`")
pytestmark = pytest.mark.integration

SCRIPT = str(Path(__file__).with_name("mcp_server.py"))
STDIO = McpServer(name="tests", command=(sys.executable, SCRIPT), connect_s=30, call_s=30)


@contextlib.asynccontextmanager
async def http_server() -> AsyncGenerator[McpServer, None]:
    """The same server over HTTP."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with open_worker([sys.executable, SCRIPT, str(port)], name="the MCP server of the tests"):
        with trio.fail_after(30):
            while True:
                try:
                    stream = await trio.open_tcp_stream("127.0.0.1", port)
                except OSError:
                    await trio.sleep(0.05)
                else:
                    await stream.aclose()
                    break
        yield McpServer(name="tests", url=f"http://127.0.0.1:{port}/mcp", connect_s=30, call_s=30)


async def test_the_tools_of_a_process_are_listed_called_and_fail_in_their_words() -> None:
    async with open_mcp(STDIO) as tools:
        found = {tool.name: tool for tool in tools.tools}
        assert set(found) == {"add", "fail", "hang", "die", "grow"}
        assert found["add"].schema.description == "Add two numbers."
        assert set(json.loads(found["add"].schema.parameters)["properties"]) == {"a", "b"}
        assert await found["add"].run('{"a": 2, "b": 3}') == 5
        with pytest.raises(ToolError, match="out of soup"):
            await found["fail"].run('{"why": "out of soup"}')
        with pytest.raises(ToolError):
            await found["add"].run('{"a": "many", "b": 3}')


async def test_a_list_of_tools_may_be_restricted_and_asked_for_again() -> None:
    server = attrs.evolve(STDIO, allowed_tools=frozenset({"grow", "grown"}), settings=ToolSettings(timeout_s=9))
    async with open_mcp(server) as tools:
        (grow,) = tools.tools
        assert grow.settings.timeout_s == 9
        assert await grow.run("{}") == "grown"
        assert [tool.name for tool in await tools.reload()] == ["grow", "grown"]
        assert await tools.tools[1].run("{}") == "yes"


async def test_a_call_without_answer_ends_in_time_and_the_next_one_is_answered() -> None:
    async with open_mcp(attrs.evolve(STDIO, call_s=1.5)) as tools:
        found = {tool.name: tool for tool in tools.tools}
        with pytest.raises(ProviderError, match=r"'tests' (has not answered for|failed: .*[Tt]imed out)"):
            await found["hang"].run("{}")
        assert await found["add"].run('{"a": 2, "b": 3}') == 5


async def test_a_server_that_dies_is_told_and_started_anew_by_the_next_call() -> None:
    async with open_mcp(attrs.evolve(STDIO, call_s=5)) as tools:
        found = {tool.name: tool for tool in tools.tools}
        with pytest.raises(ProviderError, match="MCP server 'tests'"):
            await found["die"].run("{}")
        assert await found["add"].run('{"a": 2, "b": 3}') == 5


async def test_the_same_over_http() -> None:
    async with http_server() as server, open_mcp(server) as tools:
        found = {tool.name: tool for tool in tools.tools}
        assert await found["add"].run('{"a": 2, "b": 3}') == 5
        with pytest.raises(ToolError, match="out of soup"):
            await found["fail"].run('{"why": "out of soup"}')


@pytest.mark.parametrize(
    "server",
    [
        McpServer(name="none", command=("/nowhere/to/be/found",), connect_s=5),
        McpServer(name="none", url="http://127.0.0.1:9/mcp", connect_s=5),
        McpServer(name="none", command=(sys.executable, "-c", "import sys; sys.exit(1)"), connect_s=5),
    ],
)
async def test_a_server_that_cannot_be_reached_is_told(server: McpServer) -> None:
    with pytest.RaisesGroup(pytest.RaisesExc(ProviderError, match="MCP server 'none'"), flatten_subgroups=True):
        async with open_mcp(server):
            pass


def test_settings_that_cannot_work_are_refused() -> None:
    for wrong in ({}, {"command": ("a",), "url": "b"}):
        with pytest.raises(ConfigurationError, match="either a command or a url"):
            McpServer(name="x", **wrong)  # type: ignore[arg-type]  # that is the point
    with pytest.raises(ConfigurationError, match="positive and finite"):
        McpServer(name="x", url="y", call_s=0)
