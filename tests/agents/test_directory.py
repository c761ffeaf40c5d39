"""Agents that ask each other."""

from __future__ import annotations

import json

import pytest
import trio

from tests.agents.conversation import Talk, agent_with, texts
from trialogue.agents import AgentCard, AgentDirectory, ToolError
from trialogue.agents.testing import Answer, FakeCall, FakeLlm, Line
from trialogue.engine import ConfigurationError, ProviderError
from trialogue.frames import ToolCall

KITCHEN = AgentCard(name="kitchen", description="knows the dishes", skills=("allergens", "cooking times"))
CELLAR = AgentCard(name="cellar", description="knows the wines")


async def cook(asker: str, question: str) -> str:
    """Answers after a while."""
    await trio.sleep(2)
    return f"{asker}: no nuts in the {question}"


async def test_who_is_there_is_found_and_answers(autojump_clock: object) -> None:
    directory = AgentDirectory()
    with directory.joined(KITCHEN, cook), directory.joined(CELLAR, cook):
        assert directory.find("wines please") == (CELLAR,)
        assert directory.find("the allergens it knows") == (KITCHEN, CELLAR)
        assert directory.find("bicycles") == ()
        assert await directory.ask("kitchen", "soup", asker="waiter") == "waiter: no nuts in the soup"
        with (
            pytest.raises(ConfigurationError, match="there is an agent 'kitchen' already"),
            directory.joined(KITCHEN, cook),
        ):
            pass
    assert directory.cards == ()
    with pytest.raises(ConfigurationError, match="no agent 'kitchen'; there are: none"):
        await directory.ask("kitchen", "soup")


async def test_an_answer_has_a_deadline_and_a_failure_its_cause(autojump_clock: object) -> None:
    async def burn(asker: str, question: str) -> str:
        await trio.lowlevel.checkpoint()
        raise KeyError(question)

    directory = AgentDirectory()
    with directory.joined(KITCHEN, cook), directory.joined(CELLAR, burn):
        began_s = trio.current_time()
        with pytest.raises(ProviderError, match=r"'kitchen' has not answered within 0\.5 s"):
            await directory.ask("kitchen", "soup", within_s=0.5)
        assert trio.current_time() - began_s == pytest.approx(0.5)
        with pytest.raises(ProviderError, match="'cellar' has failed: KeyError: 'red'"):
            await directory.ask("cellar", "red")


def test_a_model_asks_by_a_tool() -> None:
    directory = AgentDirectory()
    with directory.joined(KITCHEN, cook):
        ask = directory.as_tool(asker="waiter", within_s=5)
        assert "kitchen: knows the dishes" in ask.schema.description
        call = ToolCall(call_id="1", name="ask_agent", arguments='{"name": "kitchen", "question": "soup"}')
        llm = FakeLlm(answers=[Answer([call]), "There are no nuts."])
        talk = Talk(call=FakeCall(lines=[Line(at_s=0, for_s=0.5)], hangs_up_s=8), llm=llm, agent=agent_with(ask)).hold()
    assert texts(talk.history)[2] == 'output 1: "waiter: no nuts in the soup"'


async def test_a_model_is_told_what_went_wrong() -> None:
    with pytest.raises(ToolError, match="there is no agent 'cellar'; there are: none"):
        await AgentDirectory().as_tool().run(json.dumps({"name": "cellar", "question": "red"}))
