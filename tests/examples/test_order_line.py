"""The order line: what is ordered comes as a value, whoever is cut short, and captions tell what was heard."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest

from examples.order_line import SETTINGS, OrderLine, hungry, order_model
from tests.examples.programs import run_offline
from trialogue.agents import AgentStartedThinking, AgentStoppedSpeaking, DocumentReceived
from trialogue.agents.testing import Call, Scenario, simulate

if TYPE_CHECKING:
    import numpy.typing as npt


def hold(level: Literal["text", "sound"] = "text") -> tuple[OrderLine, Call]:
    agent = OrderLine()
    call = simulate(agent, Scenario(caller=hungry, answers=order_model, settings=SETTINGS, level=level))
    return agent, call  # the laws of calls know the fake voice alone, which never pauses; a jingle does


@pytest.mark.parametrize("level", ["text", "sound"])
def test_all_is_ordered_though_the_agent_was_cut_short(level: Literal["text", "sound"]) -> None:
    agent, call = hold(level)
    assert agent.order is not None
    assert (agent.order.pizzas, agent.order.complete) == (["funghi", "diavola"], True)
    assert [each.error for each in call.of(DocumentReceived)] == ["", ""]
    cut = [each for each in call.of(AgentStoppedSpeaking) if each.interrupted]
    assert len(cut) == 1
    call.agent.never_said("pizzas")


def test_captions_are_what_was_heard_without_markup() -> None:
    agent, call = hold()
    finals = [caption.text for caption in agent.captions if caption.final]
    heard = [each.heard.replace("*", "") for each in call.of(AgentStoppedSpeaking) if each.heard]
    assert finals == heard
    for earlier, later in pairwise(agent.captions):
        assert earlier.final or later.text.startswith(earlier.text)


def heard(call: Call) -> npt.NDArray[np.int16]:
    """What the caller heard, each frame in its place."""
    last = call.sound[-1][1]
    sound = np.zeros(last.end_sample, dtype=np.int16)
    for _, frame in call.sound:
        sound[frame.at_sample : frame.end_sample] = np.frombuffer(frame.pcm, dtype=np.int16)
    return sound


def test_the_jingle_comes_first_and_typing_while_the_model_thinks() -> None:
    _, call = hold("sound")
    sound = heard(call)
    assert np.abs(sound[: 16_000 // 4]).max() > 1000
    began_s = [each.at_s for each in call.of(AgentStartedThinking) if each.kind == "answer"]
    for at_s in began_s:
        quiet, typed = sound[round((at_s + 0.1) * 16_000) :][:8_000], sound[round((at_s + 0.8) * 16_000) :][:9_600]
        assert not quiet.any()
        assert typed.any()


def test_it_runs_offline() -> None:
    assert "half an hour.  |" in run_offline("examples/order_line.py")
