"""A live session as a server of the Model Context Protocol, by the official package."""

from __future__ import annotations

import functools
import socket
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

import trio

from trialogue.agents.tools._envoy import Envoy, Exchange
from trialogue.engine import ConfigurationError, ProviderError, TrialogueError, TrioHost
from trialogue.frames import ChatMessage

if TYPE_CHECKING:
    from mcp.server import MCPServer

    from trialogue.agents.session._session import Session

P = ParamSpec("P")
T = TypeVar("T")

#: What every assistant is told.
_INSTRUCTIONS: Final = (
    "You speak with a person in a live telephone call. Whatever you say is heard: keep it short and without markup. "
    "Ask one thing at a time. The person may interrupt you: 'heard' is what they heard."
)

#: How long connections may take to close when the server ends, seconds.
_CLOSE_S: Final = 1


async def serve_mcp(
    session: Session, *, port: int | None = None, task_status: trio.TaskStatus[int | None] = trio.TASK_STATUS_IGNORED
) -> None:
    """Let an assistant speak in a session, whose agent is an `Envoy`, until it goes.

    Over this process's standard input and output, until that is closed; what else is printed meanwhile goes to standard
    error. With a port, over streamable HTTP at http://127.0.0.1:PORT/mcp, until cancelled. It can say something, ask
    and wait for the answer, read the transcript, and end the call. On a virtual clock time passes only while it waits
    for the call.

    Args:
        session: the call; it runs.
        port: of this machine alone; 0 takes any.
        task_status: told the port when it listens there, by `nursery.start`.

    Raises:
        ProviderError: the package `mcp` is not installed.
        ConfigurationError: the port is not free.
    """
    try:
        import mcp  # noqa: F401  # here, because it takes seconds
    except ImportError as error:
        raise ProviderError("MCP needs its package: pip install 'trialogue[mcp]'") from error
    server = _server(session, session.asyncio.trio)
    if port is None:
        task_status.started(None)
        await session.asyncio.run(server.run_stdio_async)
        return
    with _listening(port) as listener:
        task_status.started(listener.getsockname()[1])
        await session.asyncio.run(_serve_http, server, listener)


def _listening(port: int) -> socket.socket:
    """Bound here, since a web server that finds its port taken ends the process."""
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError as error:
        raise ConfigurationError(f"port {port} of this machine cannot be served: {error}; take another one") from error


async def _serve_http(server: MCPServer[object], listener: socket.socket) -> None:
    """Serve until cancelled, on asyncio."""
    import asyncio

    import uvicorn

    app = server.streamable_http_app()
    http = uvicorn.Server(uvicorn.Config(app, timeout_graceful_shutdown=_CLOSE_S))
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(http.serve(sockets=[listener]))
        try:
            await asyncio.shield(serving)
        finally:
            http.should_exit = True
            await serving  # noqa: ASYNC102  # on asyncio's side, which knows no shields; bounded by `_CLOSE_S`


def _server(session: Session, host: TrioHost) -> MCPServer[object]:
    """The server; its functions run on asyncio, and the call on Trio."""
    from mcp.server import MCPServer

    async def say(text: str) -> dict[str, str | None]:
        """Say something to the person, and wait until it was said."""
        return _as_json(await host.run(_envoy(session).say, text))

    async def ask(question: str, within_s: float = 30.0) -> dict[str, str | None]:
        """Ask the person something, and wait for the answer; it is null if none comes within so many seconds."""
        return _as_json(await host.run(functools.partial(_envoy(session).ask, question, within_s=within_s)))

    async def read_transcript(first: int = 0) -> dict[str, object]:
        """Read what was said so far, from an item on, and whether the call is over."""
        return await host.run_sync(_transcript, session, first)

    async def end_call(farewell: str = "") -> dict[str, str | None]:
        """Say goodbye, and hang up."""
        return _as_json(await host.run(_end, session, farewell))

    server: MCPServer[object] = MCPServer("trialogue", instructions=_INSTRUCTIONS)
    for function in (say, ask, read_transcript, end_call):
        server.add_tool(_told(function))
    return server


def _told(function: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[object, object, T]]:
    """What goes wrong is told to the assistant in our words."""
    from mcp.server.mcpserver.exceptions import ToolError

    @functools.wraps(function)
    async def run(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await function(*args, **kwargs)
        except TrialogueError as error:
            raise ToolError(str(error)) from error

    return run


def _envoy(session: Session) -> Envoy:
    if not isinstance(session.agent, Envoy):
        raise ConfigurationError(f"the conversation is with {type(session.agent).__name__}, who speaks for nobody else")
    return session.agent


async def _end(session: Session, farewell: str) -> Exchange | None:
    said = await _envoy(session).say(farewell) if farewell else None
    session.end("ended by the assistant")
    return said


def _as_json(exchange: Exchange | None) -> dict[str, str | None]:
    if exchange is None:
        return {"outcome": "completed"}
    return {"heard": exchange.heard, "outcome": exchange.outcome, "answer": exchange.answer}


def _transcript(session: Session, first: int) -> dict[str, object]:
    items = session.history
    return {
        "items": [{"who": item.role, "said": item.text} for item in items[first:] if isinstance(item, ChatMessage)],
        "next": len(items),
        "user": session.user_state.name.lower(),
        "over": session.ended,
    }
