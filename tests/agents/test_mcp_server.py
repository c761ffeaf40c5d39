"""A live session as an MCP server, asked by a real client: over HTTP here, over a process's pipes by the command."""

from __future__ import annotations

import functools
import json
import os
import socket
import sys
from typing import TYPE_CHECKING

import pytest
import trio

from tests.examples.programs import ROOT
from trialogue.agents import Agent, Envoy, Models, Session, serve_mcp
from trialogue.agents.testing import FakeCall, FakeLlm, FakeStt, FakeTts, FakeVad, Line, Speech
from trialogue.engine import ConfigurationError, VirtualTime, run

if TYPE_CHECKING:
    from pathlib import Path

mcp = pytest.importorskip("mcp", reason="needs `pip install 'trialogue[mcp]'`")
pytestmark = pytest.mark.integration


def session(agent: Agent) -> Session:
    """A user who answers 1.5 s after the beginning."""
    models = Models(
        vad=FakeVad(),
        stt=FakeStt(utterances=["four people"]),
        llm=FakeLlm(),
        tts=FakeTts(every=Speech(word_s=0.05)),
    )
    return Session(agent, models=models, transport=FakeCall(lines=[Line(at_s=1.5, for_s=0.2)]))


def test_an_assistant_asks_reads_and_ends_a_call_over_http() -> None:
    """In virtual time, which passes only while the server waits for the call: the user waits for the assistant."""
    run(ask_over_http, virtual=VirtualTime())


async def ask_over_http() -> None:
    """What the assistant does."""
    async with session(Envoy()) as call, trio.open_nursery() as nursery:
        port = await nursery.start(functools.partial(serve_mcp, call, port=0))
        async with mcp.Client(f"http://127.0.0.1:{port}/mcp") as client:
            assert {each.name for each in (await client.list_tools()).tools} == {
                "say",
                "ask",
                "read_transcript",
                "end_call",
            }
            asked = await client.call_tool("ask", {"question": "How many?"})
            assert asked.structured_content == {"heard": "How many?", "outcome": "completed", "answer": "four people"}
            said = (await client.call_tool("read_transcript")).structured_content
            assert said["items"] == [{"who": "agent", "said": "How many?"}, {"who": "user", "said": "four people"}]
            assert (said["next"], said["user"], said["over"]) == (2, "listening", None)
            await client.call_tool("end_call", {"farewell": "Goodbye."})
            refused = await client.call_tool("say", {"text": "Are you still there?"})
            assert refused.is_error
            assert "the call is over: ended by the assistant" in refused.content[0].text
        nursery.cancel_scope.cancel()


async def test_what_cannot_be_served_is_told() -> None:
    async with session(Agent(instructions="")) as call, trio.open_nursery() as nursery:
        port = await nursery.start(functools.partial(serve_mcp, call, port=0))
        with pytest.raises(ConfigurationError, match=f"port {port} of this machine cannot be served"):
            await serve_mcp(call, port=port)
        async with mcp.Client(f"http://127.0.0.1:{port}/mcp") as client:
            refused = await client.call_tool("say", {"text": "Hello?"})
            assert "Agent, who speaks for nobody else" in refused.content[0].text
        nursery.cancel_scope.cancel()
    with socket.create_server(("127.0.0.1", port)):
        pass  # free again


async def test_the_command_lets_an_assistant_speak_with_a_recorded_caller(tmp_path: Path) -> None:
    """A real process with the embedded models, in virtual time: the caller waits as long as the assistant thinks."""
    events = tmp_path / "events.jsonl"
    code = "import sys; from trialogue.cli import main; sys.exit(main())"
    arguments = ["-c", code, "mcp", "restaurant", "--fast", "--events", str(events)]
    server = mcp.StdioServerParameters(command=sys.executable, args=arguments, cwd=str(ROOT), env={**os.environ})
    async with mcp.Client(server) as client:
        booked = await client.call_tool("ask", {"question": "Blue Lantern, good evening?"})
        assert booked.structured_content["answer"] == "hello i would like to book a table please"
        many = await client.call_tool("ask", {"question": "For how many people?"})
        assert many.structured_content["answer"] == "for four people"
    last = json.loads(events.read_text(encoding="utf-8").splitlines()[-1])
    assert last["event"] == "SessionEnded"  # the assistant has gone, and the call was closed in order
