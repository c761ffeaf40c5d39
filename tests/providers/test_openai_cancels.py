"""Barge-in cancels requests wherever they stand, and none of that may cost a connection, a slot or the next reply."""

from __future__ import annotations

import random

import pytest
import trio

from tests.providers.chat_server import KEY, MODEL, ChatServer, chat_server, say, texts
from trialogue.engine import ModelConnection
from trialogue.engine.testing import cancel_at_step
from trialogue.frames import ChatMessage, ChatRequest
from trialogue.providers import OpenAIChat, _openai_http

pytestmark = pytest.mark.integration

REQUEST = ChatRequest(instructions="Be brief.", items=(ChatMessage(role="user", text="Hello."),))

#: The storm's cancels; `benches/chat_client.py` does ten thousand.
CANCELS = 400

#: Replies that a session has under way in the storm: more than any agent, fewer than the connections of a session.
AT_ONCE = 4


def model_of(server: ChatServer) -> OpenAIChat:
    return OpenAIChat(base_url=server.url, model=MODEL, api_key=KEY)


async def reply_text(connection: ModelConnection) -> str:
    async with connection.reply(REQUEST) as reply:
        return texts([output async for output in reply])


async def test_a_session_cancelled_at_each_of_its_steps_leaves_nothing_at_the_server() -> None:
    async with chat_server() as server:

        async def session() -> None:
            async with model_of(server).open() as connection:
                for _ in range(2):  # the second one on the connection of the first
                    assert await reply_text(connection) == "Hello there."

        step = 1
        while await cancel_at_step(session, step) >= step:
            step += 1
            await server.wait_connections(0)
        print(f"{step - 1} steps")
        assert step > 40, "there must be some: connecting, asking, waiting, reading and closing, twice"


async def test_a_kept_session_is_as_good_as_new_after_a_cancel_at_each_step() -> None:
    async with chat_server() as server, model_of(server).open() as connection:
        step = 1
        while await cancel_at_step(lambda: reply_text(connection), step) >= step:
            step += 1
            assert await reply_text(connection) == "Hello there."
            await server.wait_connections(1)
        assert step > 15


async def test_a_storm_of_cancels_costs_no_connection_and_no_slot() -> None:
    broken_off = await storm(CANCELS)
    assert broken_off > CANCELS / 10


async def test_a_storm_in_a_full_pool_costs_no_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    # Requests that are cancelled while they wait for a slot, or for a connection that has one: httpx 0.28 loses it.
    monkeypatch.setattr(_openai_http, "_MAX_CONNECTIONS", 4)
    await storm(CANCELS, at_once=20)


async def storm(cancels: int, *, at_once: int = AT_ONCE) -> int:
    """Cancel so many replies after random times, several at once; gives back how many the server saw break off."""
    times = random.Random(7)  # the same storm on every run
    async with chat_server() as server, model_of(server).open() as connection:
        server.otherwise = say("Hello", " there", ".", pause_s=0.0005)
        began_s = trio.current_time()
        assert await reply_text(connection) == "Hello there."
        whole_s = trio.current_time() - began_s
        slots = trio.CapacityLimiter(at_once)

        async def cancelled() -> None:
            async with slots:
                with trio.move_on_after(times.uniform(0, whole_s)):
                    await reply_text(connection)

        async with trio.open_nursery() as nursery:
            for _ in range(cancels):
                nursery.start_soon(cancelled)
        # Twice as many replies at once as a session may have connections would stand still if one slot were lost.
        async with trio.open_nursery() as nursery:
            for _ in range(32):
                nursery.start_soon(reply_text, connection)
        await server.wait_connections(2)  # those that are kept for the next reply
        broken_off = server.left
        assert await reply_text(connection) == "Hello there."
        return broken_off
