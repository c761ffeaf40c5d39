"""The web application: a real server in a process of its own, asked over HTTP and a websocket."""

from __future__ import annotations

import contextlib
import functools
import json
import re
import signal
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx2
import pytest
import trio
from trio_websocket import ConnectionClosed, open_websocket_url

from tests.examples.programs import ROOT

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

pytest.importorskip("fastapi", reason="needs the development packages")
pytest.importorskip("aiosqlite", reason="needs the development packages")
pytestmark = pytest.mark.integration


@contextlib.asynccontextmanager
async def served(database: Path) -> AsyncGenerator[httpx2.AsyncClient, None]:
    """The application while it is served, and a client for it; afterwards it has ended by itself."""
    command = [sys.executable, "-W", "error", "examples/web_app.py", "--port", "0", "--database", str(database)]
    async with trio.open_nursery() as nursery:
        run = functools.partial(trio.run_process, command, cwd=ROOT, stderr=subprocess.PIPE, check=False)
        process: trio.Process = await nursery.start(run)
        assert process.stderr is not None
        said = b""
        while not (found := re.search(rb"running on (http://\S+)", said)):
            chunk = await process.stderr.receive_some()
            assert chunk, said.decode()
            said += chunk
        async with httpx2.AsyncClient(base_url=found[1].decode()) as client:
            yield client
        process.send_signal(signal.SIGTERM)
        async for chunk in process.stderr:
            said += chunk
    assert b"Application shutdown complete." in said
    assert b"Traceback" not in said, said.decode()


async def told(client: httpx2.AsyncClient, call: int, until: str) -> list[dict[str, object]]:
    """What the websocket of a call tells, up to an event."""
    url = f"ws://{client.base_url.host}:{client.base_url.port}/calls/{call}/events"
    found: list[dict[str, object]] = []
    async with open_websocket_url(url) as websocket:
        with contextlib.suppress(ConnectionClosed):
            while not found or found[-1]["event"] != until:
                found.append(json.loads(await websocket.get_message()))
    return found


async def test_calls_are_begun_followed_read_and_ended_and_the_server_closes_what_is_left(tmp_path: Path) -> None:
    database = tmp_path / "orders.db"
    async with served(database) as client:
        first, second = [(await client.post("/calls", params={"says": "Order 17?"})).json()["call"] for _ in range(2)]
        events = await told(client, first, "TurnMeasured")
        assert [event["text"] for event in events if event["event"] == "UserTurnEnded"] == ["Order 17?"]
        (output,) = (event["output"] for event in events if event["event"] == "ToolFinished")
        assert output == '"on its way"'  # from the database, by the driver on asyncio
        transcript = (await client.get(f"/calls/{first}")).json()
        assert {"role": "user", "text": "Order 17?"} in transcript
        assert (await client.delete(f"/calls/{first}")).status_code == 200
        assert (await client.get(f"/calls/{first}")).status_code == 404
        assert (await told(client, second, "TurnMeasured"))[0]["event"] == "AgentStartedThinking"  # from its beginning
    # One call was ended by its owner, one by the end of the server: the hook of each has written to the database.
    with contextlib.closing(sqlite3.connect(database)) as opened:
        assert opened.execute("SELECT COUNT(*), MIN(items) >= 3 FROM calls").fetchone() == (2, 1)
