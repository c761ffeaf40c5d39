"""A web application that holds calls: FastAPI and a database driver on asyncio, sessions on Trio, in one thread.

`python examples/web_app.py` serves it on port 8000. `POST /calls` begins a call, in which the caller asks for an order;
`GET /calls/{id}` is its transcript, `DELETE` ends it, and a websocket at `/calls/{id}/events` tells what happens. The
caller and the models are fakes with exact delays; yours go in the same places.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import logging
from collections.abc import AsyncGenerator

import aiosqlite
import attrs
import uvicorn
from fastapi import FastAPI, HTTPException, WebSocket, WebSocketDisconnect

from trialogue.agents import Agent, Event, Models, Session, ToolSettings, on_asyncio, tool
from trialogue.agents.testing import Answer, FakeCall, FakeLlm, FakeStt, FakeTts, FakeVad, Line, Speech
from trialogue.engine import ConfigurationError, TrioHost, open_trio
from trialogue.frames import ChatMessage, ToolCall

_log = logging.getLogger(__name__)

_TABLES = """
CREATE TABLE IF NOT EXISTS orders (number INTEGER PRIMARY KEY, state TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS calls (number INTEGER PRIMARY KEY, items INTEGER NOT NULL);
INSERT OR IGNORE INTO orders VALUES (17, 'on its way');
"""


class OrderDesk(Agent):
    """Knows how orders stand. Its tool and its hook are written for asyncio, as the driver of the database is.

    Args:
        database: where the orders are.
    """

    def __init__(self, database: aiosqlite.Connection) -> None:
        super().__init__(instructions="You tell callers how their orders stand. Be brief.")
        self.database = database

    async def on_enter(self, session: Session) -> None:
        """Greet. This hook is Trio's, and both kinds stand side by side."""
        session.say("Order desk.")

    @tool(settings=ToolSettings(runs_on="asyncio"))
    async def find_order(self, number: int) -> str:
        """Say how an order stands. Call it with the number that the caller tells."""
        async with self.database.execute("SELECT state FROM orders WHERE number = ?", (number,)) as rows:
            row = await rows.fetchone()
        return "there is no such order" if row is None else str(row[0])

    @on_asyncio
    async def on_exit(self, session: Session) -> None:
        """Note the call, however it ended."""
        await self.database.execute("INSERT INTO calls (items) VALUES (?)", (len(session.history),))
        await self.database.commit()


@attrs.define(kw_only=True, eq=False)
class Switchboard:
    """The calls of the application.

    Args:
        database: for the agents.
        host: runs the sessions.
        tasks: the tasks of asyncio that wait for them.
    """

    database: aiosqlite.Connection
    host: TrioHost
    tasks: asyncio.TaskGroup
    calls: dict[int, Session] = attrs.Factory(dict)
    numbers: itertools.count[int] = attrs.Factory(lambda: itertools.count(1))

    async def begin(self, says: str) -> int:
        """Begin a call; returns its number once it has begun, or failed."""
        number = next(self.numbers)
        asks = Answer([ToolCall(call_id="1", name="find_order", arguments='{"number": 17}')])
        session = Session(
            OrderDesk(self.database),
            models=Models(
                vad=FakeVad(),
                stt=FakeStt(utterances=[says]),
                llm=FakeLlm(answers=[asks, "It is on its way."]),
                tts=FakeTts(every=Speech(word_s=0.05)),
            ),
            transport=FakeCall(lines=[Line(at_s=0.3, for_s=0.3)]),
            asyncio=self.host.asyncio,
        )
        begun = asyncio.Event()
        self.tasks.create_task(self.host.run(hold, session, begun))
        await begun.wait()
        self.calls[number] = session
        return number

    def find(self, number: int) -> Session:
        """A call, over or not. Raises HTTPException if there is none."""
        if number not in self.calls:
            raise HTTPException(404, f"there is no call {number}")
        return self.calls[number]

    def end(self, number: int, reason: str) -> None:
        """End a call, and forget it. What is synchronous may be called from asyncio at once. Raises as `find`."""
        session = self.find(number)
        del self.calls[number]
        with contextlib.suppress(ConfigurationError):  # it could not begin
            session.end(reason)


async def hold(session: Session, begun: asyncio.Event) -> None:
    """Hold a call to its end, on Trio, in the thread of asyncio. One that fails must not end the others."""
    try:
        async with session:
            begun.set()
            await session.wait_ended()
    except* Exception:  # noqa: BLE001  # a supervisor
        _log.exception("a call failed")
    finally:
        begun.set()


async def tell(session: Session, websocket: WebSocket, host: TrioHost) -> None:
    """Tell a websocket all that has happened in a call, and what happens, until it is over; on Trio."""

    async def send(event: Event) -> None:
        await host.asyncio.run(websocket.send_json, {"event": type(event).__name__, **attrs.asdict(event)})

    async with session.events() as events:
        for event in session.report().events:
            await send(event)
        async for event in events:
            await send(event)


def make_app(database: str = ":memory:") -> FastAPI:
    """The application.

    Args:
        database: its file.
    """

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None, None]:
        # Left in the reverse order: the calls end, then Trio, then the database that their hooks write to.
        async with aiosqlite.connect(database) as opened, open_trio() as host, asyncio.TaskGroup() as tasks:
            await opened.executescript(_TABLES)
            app.state.switchboard = switchboard = Switchboard(database=opened, host=host, tasks=tasks)
            try:
                yield
            finally:
                for number in tuple(switchboard.calls):
                    switchboard.end(number, "the server stops")

    app = FastAPI(lifespan=lifespan)

    @app.post("/calls")
    async def begin(says: str) -> dict[str, int]:
        return {"call": await app.state.switchboard.begin(says)}

    @app.get("/calls/{number}")
    async def transcript(number: int) -> list[dict[str, str]]:  # noqa: ASYNC124  # on the loop, where the calls are
        history = app.state.switchboard.find(number).history
        return [{"role": item.role, "text": item.text} for item in history if isinstance(item, ChatMessage)]

    @app.delete("/calls/{number}")
    async def end(number: int) -> None:  # noqa: ASYNC124  # on the loop, where the calls are
        app.state.switchboard.end(number, "ended by its owner")

    @app.websocket("/calls/{number}/events")
    async def follow(websocket: WebSocket, number: int) -> None:
        switchboard: Switchboard = app.state.switchboard
        session = switchboard.find(number)
        await websocket.accept()
        with contextlib.suppress(WebSocketDisconnect):
            await switchboard.host.run(tell, session, websocket, switchboard.host)
            await websocket.close()

    return app


def main() -> None:
    """Serve it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="of this machine alone; 0 takes any (%(default)s)")
    parser.add_argument("--database", default=":memory:", help="its file (%(default)s)")
    arguments = parser.parse_args()
    uvicorn.run(make_app(arguments.database), host="127.0.0.1", port=arguments.port)


if __name__ == "__main__":
    main()
