"""A "yes" over the agent: an answer where the agent has just asked, else a sign of listening."""

from __future__ import annotations

import pytest

from tests.agents.conversation import Talk
from trialogue.agents import AgentStoppedSpeaking, SpeechIgnored, UserTurnEnded
from trialogue.agents.testing import FakeCall, FakeLlm, FakeStt, Line, Utterance


@pytest.mark.parametrize(("mark", "is_answer"), [("?", True), (".", False)])
def test_a_yes_over_the_agent_is_an_answer_only_where_the_agent_has_asked(mark: str, is_answer: bool) -> None:
    story = (
        f"Shall I book the table{mark} I could book one in the garden or one in the hall or one on the roof above us."
    )
    stt = FakeStt(utterances=["a table please", Utterance(text="yes", word_s=0.1)])
    call = FakeCall(lines=[Line(at_s=0.0, for_s=0.5), Line(at_s=2.0, for_s=0.3)], hangs_up_s=12)
    talk = Talk(call=call, stt=stt, llm=FakeLlm(answers=[story, "It is booked."])).hold()
    first = talk.of(AgentStoppedSpeaking)[0]
    assert first.heard.startswith(f"Shall I book the table{mark}")
    assert [turn.text for turn in talk.of(UserTurnEnded)] == (
        ["a table please", "yes"] if is_answer else ["a table please"]
    )
    assert bool(talk.of(SpeechIgnored)) != is_answer
