"""Tools of MCP servers, by the official package: their processes and connections have one owner each."""

from __future__ import annotations

import contextlib
import json
import logging
import math
from collections.abc import AsyncGenerator, Generator
from typing import TYPE_CHECKING

import attrs
import trio

from trialogue.agents.tools._tool_results import ToolError
from trialogue.agents.tools._tools import Tool, ToolSettings
from trialogue.engine import ConfigurationError, ProviderError, hold_virtual_time, leaves_of
from trialogue.frames import ToolSchema
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from mcp import Client, StdioServerParameters
    from mcp.types import CallToolResult
    from mcp.types import Tool as TheirTool

_log = logging.getLogger(__name__)


@frozen(kw_only=True)
class McpServer:
    """Where a server of the Model Context Protocol is, and what of it an agent may use.

    Args:
        name: for messages.
        command: the command line of one that speaks over its standard input and output; it is started, and ended.
        url: the address of one that speaks streamable HTTP.
        allowed_tools: the names of the tools that may be used; None allows all.
        connect_s: so long connecting may take, seconds.
        call_s: so long a call may take, seconds.
        settings: how its tools are run.
    """

    name: str
    command: tuple[str, ...] = ()
    url: str = ""
    allowed_tools: frozenset[str] | None = None
    connect_s: float = 10.0
    call_s: float = 30.0
    settings: ToolSettings = attrs.Factory(ToolSettings)

    def __attrs_post_init__(self) -> None:
        if bool(self.command) == bool(self.url):
            raise ConfigurationError(f"MCP server {self.name!r}: give either a command or a url")
        if not (0 < self.connect_s < math.inf and 0 < self.call_s < math.inf):
            raise ConfigurationError(f"MCP server {self.name!r}: connect_s and call_s must be positive and finite")


class McpTools:
    """The tools of one server; made by `open_mcp`.

    A connection that is lost is made anew by the next call. On a virtual clock no time passes while the server works,
    so there none of the deadlines is ever reached.
    """

    def __init__(self, server: McpServer, nursery: trio.Nursery) -> None:
        self._server = server
        self._nursery = nursery
        self._client: Client | None = None
        self._connection = trio.CancelScope()
        self._connecting = trio.Lock()
        self._tools: tuple[Tool, ...] = ()

    @property
    def tools(self) -> tuple[Tool, ...]:
        """Those that are allowed, as the server listed them last."""
        return self._tools

    async def reload(self) -> tuple[Tool, ...]:
        """Ask the server for its tools again.

        Raises:
            ProviderError: it cannot be reached, or does not answer.
        """
        client = await self._connected()
        found: list[TheirTool] = []
        with self._in_our_words(self._server.call_s):
            cursor: str | None = None
            while True:
                page = await client.list_tools(cursor=cursor, cache_mode="bypass")
                found += page.tools
                cursor = page.next_cursor
                if not cursor:
                    break
        allowed = self._server.allowed_tools
        if allowed is not None and (missing := allowed - {each.name for each in found}):
            _log.warning("MCP server %r has no tools %s", self._server.name, ", ".join(sorted(missing)))
        self._tools = tuple(self._tool(each) for each in found if allowed is None or each.name in allowed)
        return self._tools

    def _tool(self, theirs: TheirTool) -> Tool:
        async def call(**arguments: object) -> object:
            return await self._call(theirs.name, arguments)

        schema = ToolSchema(
            name=theirs.name,
            description=theirs.description or theirs.title or theirs.name,
            parameters=json.dumps({"type": "object", **theirs.input_schema}),
        )
        return Tool.from_schema(call, schema, self._server.settings)

    async def _call(self, name: str, arguments: dict[str, object]) -> object:
        client = await self._connected()
        with self._in_our_words(self._server.call_s):
            result = await client.call_tool(name, arguments)
        value = _value_of(result)
        if result.is_error:
            raise ToolError(value if isinstance(value, str) else json.dumps(value))
        return value

    @contextlib.contextmanager
    def _in_our_words(self, patience_s: float) -> Generator[None, None, None]:
        """Give the server its time, and say what went wrong as an error of ours."""
        from mcp import MCPError
        from mcp.types import CONNECTION_CLOSED

        try:
            with hold_virtual_time(), trio.fail_after(patience_s):
                yield
        except trio.TooSlowError as error:
            raise self._error(f"has not answered for {patience_s:g} s") from error
        except MCPError as error:
            if error.code == CONNECTION_CLOSED:
                self._connection.cancel(reason="the server has closed it")  # the next call makes a new one
            raise self._error(f"failed: {error}") from error
        except (OSError, trio.BrokenResourceError, trio.ClosedResourceError) as error:
            self._connection.cancel(reason="it is broken")
            raise self._error(f"failed: {error}") from error

    def _error(self, what: str) -> ProviderError:
        return ProviderError(f"MCP server {self._server.name!r} {what}", retryable=True)

    async def _connected(self) -> Client:
        async with self._connecting:
            if self._client is None or self._connection.cancel_called:
                try:
                    with hold_virtual_time(), trio.fail_after(self._server.connect_s):
                        await self._nursery.start(self._own_connection)
                except trio.TooSlowError as error:
                    patience = f"has not answered for {self._server.connect_s:g} s"
                    raise self._error(f"{patience}; see that {self._target()} is right") from error
            assert self._client is not None
            return self._client

    async def _own_connection(self, task_status: trio.TaskStatus[None]) -> None:
        """Hold the connection until it is lost; the one task that opens and closes it."""
        from mcp import Client

        connection = trio.CancelScope()
        began = False
        try:
            with connection:
                async with Client(self._endpoint(), read_timeout_seconds=self._server.call_s) as client:
                    self._client, self._connection, began = client, connection, True
                    task_status.started()
                    await trio.sleep_forever()
        except* Exception as group:
            cause = "; ".join(f"{type(leaf).__name__}: {leaf}" for leaf in leaves_of(group))
            if not began:
                raise self._error(f"cannot be reached by {self._target()}: {cause}") from group
            connection.cancel(reason="it failed")
            _log.warning("the connection to MCP server %r is lost: %s", self._server.name, cause)

    def _endpoint(self) -> str | StdioServerParameters:
        if self._server.url:
            return self._server.url
        from mcp import StdioServerParameters

        program, *arguments = self._server.command
        return StdioServerParameters(command=program, args=arguments)

    def _target(self) -> str:
        return self._server.url or " ".join(self._server.command)


@contextlib.asynccontextmanager
async def open_mcp(server: McpServer) -> AsyncGenerator[McpTools, None]:
    """Connect to a server, and list its tools; leaving it ends the connection, and the process if it was started.

    Args:
        server: where it is.

    Raises:
        ProviderError: the package `mcp` is not installed, or the server cannot be reached.
    """
    try:
        import mcp  # noqa: F401  # here, because it takes seconds
    except ImportError as error:
        raise ProviderError("MCP needs its package: pip install 'trialogue[mcp]'") from error
    with contextlib.ExitStack() as until_closed:
        async with trio.open_nursery() as nursery:
            tools = McpTools(server, nursery)
            await tools.reload()
            try:
                yield tools
            finally:
                until_closed.enter_context(hold_virtual_time())
                nursery.cancel_scope.cancel(reason="the MCP server is not needed any more")


def _value_of(result: CallToolResult) -> object:
    """What a call gave: structured where it is, else its texts."""
    if result.structured_content is not None:
        structured = result.structured_content
        return structured["result"] if set(structured) == {"result"} else structured
    texts = [part.text if part.type == "text" else f"({part.type})" for part in result.content]
    return "\n".join(texts)
