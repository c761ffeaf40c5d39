"""What holds whenever the user speaks, whoever hands over to whom: outputs are complete, and nobody is left silent."""

from __future__ import annotations

import hypothesis
import hypothesis.strategies as st
import trio

from tests.agents.conversation import Talk
from trialogue.agents import (
    Agent,
    AgentChanged,
    AgentStartedThinking,
    AgentStoppedSpeaking,
    HandOver,
    Session,
    ToolFinished,
    ToolStarted,
    UserTurnEnded,
    tool,
)
from trialogue.agents.testing import Answer, FakeCall, FakeLlm, FakeStt, Line, Utterance
from trialogue.frames import ChatMessage, ChatRequest, ToolCall, ToolOutput


class Relay(Agent):
    """Hands over to another one of its kind; takes a while to come and to go."""

    def __init__(self, number: int) -> None:
        super().__init__(instructions=f"Number {number}.")
        self.number = number

    async def on_enter(self, session: Session) -> None:
        """Come slowly, and greet."""
        await trio.sleep(0.3)
        session.say(f"I am number {self.number} of all of us here.")

    async def on_exit(self, session: Session) -> None:
        """Go slowly."""
        await trio.sleep(0.2)

    @tool
    async def next(self) -> HandOver:
        """Hand over."""
        await trio.sleep(0.5)
        return HandOver(Relay(self.number + 1), "gone")


def answer(request: ChatRequest) -> Answer | str:
    """Hand over where nobody has since the user's last words."""
    last = request.items[-1]
    if isinstance(last, ChatMessage) and last.role == "user" and "next" in last.text:
        return Answer(["One moment. ", ToolCall(call_id="1", name="next", arguments="{}")])
    return "This is what I have to say to that."


@hypothesis.given(
    gaps=st.lists(st.floats(0.1, 3.0), min_size=1, max_size=5),
    words=st.lists(st.sampled_from(["next please", "tell me more now"]), min_size=5, max_size=5),
    seed=st.integers(0, 3),
)
@hypothesis.settings(max_examples=30)
def test_outputs_are_complete_and_the_last_turn_is_answered(gaps: list[float], words: list[str], seed: int) -> None:
    lines: list[Line] = []
    at_s = 0.0
    for gap in gaps:
        at_s += gap
        lines.append(Line(at_s=at_s, for_s=0.6))
        at_s += 0.6
    stt = FakeStt(utterances=[Utterance(text=text, word_s=0.15) for text in words])
    call = FakeCall(lines=lines, hangs_up_s=at_s + 25)
    talk = Talk(call=call, stt=stt, llm=FakeLlm(answers=answer), agent=Relay(1), seed=seed).hold()
    calls = [item.call_id for item in talk.history if isinstance(item, ToolCall)]
    outputs = [item.call_id for item in talk.history if isinstance(item, ToolOutput)]
    assert sorted(calls) == sorted(outputs) == sorted(set(calls))
    assert len(talk.of(ToolStarted)) == len(talk.of(ToolFinished)) == len(talk.of(AgentChanged)) == len(calls)
    begun = [event.reply_id for event in talk.of(AgentStartedThinking)]
    assert begun == [event.reply_id for event in talk.of(AgentStoppedSpeaking)]
    if talk.of(UserTurnEnded):
        last = talk.of(UserTurnEnded)[-1].at_s
        assert any(event.at_s > last and event.heard for event in talk.of(AgentStoppedSpeaking))
    told = [record.request.instructions for record in talk.llm.records]
    assert told == sorted(told)  # nobody speaks again who has left
