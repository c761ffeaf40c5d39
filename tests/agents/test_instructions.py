"""Instructions in variants: one for what is spoken, one for what is read."""

from __future__ import annotations

import trio

from tests.agents.conversation import Talk
from trialogue.agents import OFF, Agent, ChatContext, Instructions, Session, SettingsChanged
from trialogue.agents.testing import FakeCall, FakeLlm, FakeStt, Line

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
