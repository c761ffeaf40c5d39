"""Tools of MCP servers: real ones, started here."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import pytest
import trio

from trialogue.agents import McpServer, ToolError, ToolSettings, open_mcp
from trialogue.engine import ConfigurationError, ProviderError, VirtualTime, run

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest.importorskip("mcp", reason="needs `pip install 'trialogue[mcp]'`")
pytestmark = pytest.mark.integration

SCRIPT = str(Path(__file__).with_name("mcp_server.py"))
STDIO = McpServer(name="tests", command=(sys.executable, SCRIPT), connect_s=30, call_s=30)


@pytest.fixture(scope="module")
def http_server() -> Iterator[McpServer]:
    """The same server over HTTP, started once for all tests. Who connects too early waits for it in the kernel."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        command = [sys.executable, SCRIPT, str(listener.fileno())]
        with subprocess.Popen(command, pass_fds=[listener.fileno()], stderr=subprocess.DEVNULL) as process:
            url = f"http://127.0.0.1:{listener.getsockname()[1]}/mcp"
            yield McpServer(name="tests", url=url, connect_s=30, call_s=30)
            process.kill()


async def test_the_tools_of_a_process_are_listed_called_and_fail_in_their_words_and_it_is_started_anew() -> None:
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
        with pytest.raises(ProviderError, match="MCP server 'tests'"):
            await found["die"].run("{}")
        assert await found["add"].run('{"a": 2, "b": 3}') == 5


async def test_a_list_of_tools_may_be_restricted_and_asked_for_again(http_server: McpServer) -> None:
    allowed = frozenset({"grow", "grown"})
    server = attrs.evolve(http_server, allowed_tools=allowed, settings=ToolSettings(timeout_s=9))
    async with open_mcp(server) as tools:
        (grow,) = tools.tools
        assert grow.settings.timeout_s == 9
        assert await grow.run("{}") == "grown"
        assert [tool.name for tool in await tools.reload()] == ["grow", "grown"]
        assert await tools.tools[1].run("{}") == "yes"


async def test_a_call_without_answer_ends_in_time_and_the_next_one_is_answered(http_server: McpServer) -> None:
    async with open_mcp(attrs.evolve(http_server, call_s=2)) as tools:
        found = {tool.name: tool for tool in tools.tools}
        with pytest.raises(ProviderError, match=r"'tests' (has not answered for|failed: .*[Tt]imed out)"):
            await found["hang"].run("{}")
        assert await found["add"].run('{"a": 2, "b": 3}') == 5


def test_no_virtual_time_passes_while_a_server_is_asked(http_server: McpServer) -> None:
    """Trio sees only that all its tasks wait, and would let the deadlines pass at once."""

    async def main() -> tuple[object, float]:
        begun_s = trio.current_time()
        async with open_mcp(http_server) as tools:
            (add,) = (tool for tool in tools.tools if tool.name == "add")
            result = await add.run('{"a": 2, "b": 3}')
        return result, trio.current_time() - begun_s

    assert run(main, virtual=VirtualTime()) == (5, 0.0)


async def test_the_same_over_http(http_server: McpServer) -> None:
    async with open_mcp(http_server) as tools:
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
