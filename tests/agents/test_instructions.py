"""Instructions in variants: one for what is spoken, one for what is read."""

from __future__ import annotations

import trio

from tests.agents.conversation import Talk
from trialogue.agents import OFF, Agent, ChatContext, Instructions, Session, SettingsChanged
from trialogue.agents._instructions import variant_of
from trialogue.agents.tasks import Ask, CollectYesNo, State, StateGraph, Step, TaskGroup, agent_of
from trialogue.agents.testing import FakeCall, FakeLlm, FakeStt, Line, text_session
from trialogue.engine import VirtualTime, run

BOTH = Instructions("Speak in short sentences.", text="Write in Markdown.")


def told(talk: Talk) -> list[str]:
    """What the model was told."""
    return [record.request.instructions for record in talk.llm.records]


def test_who_types_is_answered_by_the_instructions_for_what_is_read() -> None:
    async def do(session: Session) -> None:
        await trio.sleep(4)
        await session.type("And in writing?").wait()
        await session.reply().wait()
        session.end()

    call = FakeCall(lines=[Line(at_s=0.5, for_s=1.0)], hangs_up_s=20)
    llm = FakeLlm(answers=["Yes."] * 3)
    talk = Talk(call=call, stt=FakeStt(utterances=["hello"]), llm=llm, agent=Agent(instructions=BOTH), do=do).hold()
    assert told(talk) == ["Speak in short sentences.", "Write in Markdown.", "Speak in short sentences."]


def test_without_a_voice_all_is_read() -> None:
    call = FakeCall(lines=[Line(at_s=0.5, for_s=1.0)], hangs_up_s=5)
    talk = Talk(call=call, llm=FakeLlm(answers=["Yes."]), agent=Agent(instructions=BOTH, tts=OFF)).hold()
    assert told(talk) == ["Write in Markdown."]


def test_they_are_changed_like_others_and_remembered_as_they_are_spoken() -> None:
    async def do(session: Session) -> None:
        await session.update(instructions=BOTH)
        assert session.context.items[-1] == SettingsChanged(instructions="Speak in short sentences.")
        assert ChatContext.from_json(session.context.to_json()).items == session.context.items
        await session.type("Hello?").wait()
        session.end()

    talk = Talk(call=FakeCall(hangs_up_s=9), llm=FakeLlm(answers=["Yes."]), do=do).hold()
    assert told(talk) == ["Write in Markdown."]


def test_what_tasks_and_states_add_stands_in_both() -> None:
    class Form(Agent):
        """Asks two questions."""

        async def on_enter(self, session: Session) -> None:
            """Ask."""
            sure = Step("sure", lambda _: CollectYesNo("Are you sure?"))
            why = Step("why", lambda _: Ask("Why?", str, instructions=BOTH))
            await TaskGroup(sure, why).run(session)

    async def converse() -> None:
        async with text_session(Form(instructions=""), llm=llm) as conversation:
            await conversation.says("yes")
            await conversation.session.type("well").wait()

    llm = FakeLlm(answers=["Go on."])
    run(converse, virtual=VirtualTime())
    (record,) = llm.records
    for part in ("You ask the user: Why?", "Write in Markdown.", "Answered before: sure."):
        assert part in record.request.instructions
    state = agent_of(StateGraph([State[None](name="end", instructions=BOTH, final=True)], []), None, instructions="Hi.")
    assert state.instructions == Instructions("Hi.\n\nSpeak in short sentences.", text="")
    assert variant_of(state.instructions, is_read=True) == "Hi.\n\nWrite in Markdown."
