"""Expressive speech: the model marks how, the voice says it so, and neither captions nor history know of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import hypothesis
import hypothesis.strategies as st
import pytest
import trio

from tests.agents.conversation import WORD_S, Talk, agent_with, texts
from tests.agents.test_captions import hold
from trialogue.actors import DeliveryReader
from trialogue.agents import Agent, ConversationSettings, SessionSettings, tool
from trialogue.agents.testing import Answer, FakeCall, FakeLlm, FakeStt, FakeTts, Line, Speech
from trialogue.frames import ToolCall
from trialogue.providers import CachedVoice

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager

    from trialogue.agents import Session
    from trialogue.engine import Voice
    from trialogue.frames import Delivery, SpeechAudio

EXPRESSIVE = SessionSettings(conversation=ConversationSettings(expressive=True))
ANSWER = "That is <emphasis>great</emphasis> <pause/> news. <cheerful>See you soon!</cheerful>"


def voice(*understands: Delivery) -> FakeTts:
    """A voice that can be told so much."""
    return FakeTts(every=Speech(word_s=WORD_S), understands=frozenset(understands))


def delivered(tts: FakeTts) -> list[tuple[str, str]]:
    """How which words were to be said."""
    return [(mark.delivery, record.text[mark.start : mark.end]) for record in tts.records for mark in record.marks]


def test_the_voice_is_told_what_it_understands_and_nobody_else_hears_of_it() -> None:
    tts, llm = voice("emphasis", "pause"), FakeLlm(answers=[Answer(ANSWER)])
    captions, talk = hold(lambda session: session.reply().wait(), llm=llm, tts=tts, settings=EXPRESSIVE)
    assert delivered(tts) == [("emphasis", "great"), ("pause", "")]
    assert [record.text for record in tts.records] == ["That is great news.", "See you soon!"]
    assert texts(talk.history) == ["agent: That is great news. See you soon!"]
    assert captions[-1].text == "That is great news. See you soon!"
    (request,) = [record.request for record in llm.records]
    assert "<emphasis>word</emphasis>" in request.instructions
    assert "cheerful" not in request.instructions
    assert request.instructions.startswith("Be kind.")


def test_a_voice_that_understands_nothing_speaks_plainly_and_nothing_is_taught() -> None:
    tts, llm = voice(), FakeLlm(answers=[Answer(ANSWER)])
    _, talk = hold(lambda session: session.reply().wait(), llm=llm, tts=tts, settings=EXPRESSIVE)
    assert delivered(tts) == []
    assert texts(talk.history) == ["agent: That is great news. See you soon!"]
    assert [record.request.instructions for record in llm.records] == ["Be kind."]


def test_it_is_off_by_itself() -> None:
    tts, llm = voice("emphasis"), FakeLlm(answers=[Answer(ANSWER)])
    hold(lambda session: session.reply().wait(), llm=llm, tts=tts)
    assert delivered(tts) == []
    assert [record.request.instructions for record in llm.records] == ["Be kind."]


def test_what_the_program_says_may_be_marked_too_and_be_cut() -> None:
    tts = voice("slow")

    async def do(session: Session) -> None:
        reply = session.say("One <slow>two three</slow> four five.")
        await reply.started()
        await trio.sleep(0.21)
        session.interrupt()
        assert reply.heard == "One two"

    _, talk = hold(do, tts=tts, settings=EXPRESSIVE)
    assert delivered(tts) == [("slow", "two three")]
    assert texts(talk.history) == ["agent: One two -- three four five."]


def test_marks_keep_their_places_after_a_tool() -> None:
    @tool
    def look() -> str:
        """Look."""
        return "ten"

    asks = Answer(["<slow>Let me</slow> see. ", ToolCall(call_id="1", name="look", arguments="{}")])
    tts = voice("slow", "emphasis")
    _, talk = hold(
        lambda session: session.reply().wait(),
        llm=FakeLlm(answers=[asks, "It is <emphasis>ten</emphasis>."]),
        tts=tts,
        agent=agent_with(look),
        settings=EXPRESSIVE,
    )
    assert delivered(tts) == [("slow", "Let me"), ("emphasis", "ten")]
    assert texts(talk.history)[0] == "agent: Let me see."
    assert texts(talk.history)[-1] == "agent: It is ten."


def test_an_answer_that_is_prepared_keeps_its_marks() -> None:
    tts = voice("emphasis")
    stt = FakeStt(utterances=["how are you today"])
    call = FakeCall(lines=[Line(at_s=0.5, for_s=1.0)], hangs_up_s=6)
    talk = Talk(
        call=call, stt=stt, tts=tts, llm=FakeLlm(answers=["I am <emphasis>fine</emphasis>."]), settings=EXPRESSIVE
    )
    assert texts(talk.hold().history)[-1] == "agent: I am fine."
    assert delivered(tts) == [("emphasis", "fine")]


def test_behind_a_stage_of_the_agents_own_no_mark_is_taught_that_would_not_be_heard() -> None:
    class Loud(Agent):
        """Speaks in capitals."""

        def tts_stage(self, text: str, voice: Voice) -> AbstractAsyncContextManager[AsyncIterator[SpeechAudio]]:
            """Called for each sentence."""
            return voice.speak(text.upper())

    tts, llm = voice("emphasis", "pause"), FakeLlm(answers=[Answer(ANSWER)])
    agent = Loud(instructions="Be kind.")
    _, talk = hold(lambda session: session.reply().wait(), llm=llm, tts=tts, agent=agent, settings=EXPRESSIVE)
    assert [record.request.instructions for record in llm.records] == ["Be kind."]
    assert [record.text for record in tts.records] == ["THAT IS GREAT NEWS.", "SEE YOU SOON!"]
    assert texts(talk.history) == ["agent: That is great news. See you soon!"]


@pytest.mark.parametrize("understands", [(), ("emphasis",)])
def test_a_cache_keeps_each_way_of_saying_something(understands: tuple[Delivery, ...]) -> None:
    tts = voice(*understands)
    cache = CachedVoice(voice=tts)

    async def do(session: Session) -> None:
        for text in ("One.", "<emphasis>One.</emphasis>", "One.", "<emphasis>One.</emphasis>"):
            await session.say(text).wait()

    hold(do, tts=cache, settings=EXPRESSIVE)
    assert len(tts.records) == 1 + len(understands)
    assert cache.hits == 3 - len(understands)


marked_words = st.lists(
    st.sampled_from(
        ["one", "two,", "three.", "<pause/>", "<slow>four</slow>", "<emphasis>five", "</emphasis>", "<sad>"]
    ),
    min_size=1,
    max_size=15,
)


@hypothesis.settings(max_examples=25)
@hypothesis.given(words=marked_words, cut_s=st.floats(0.0, 3.0), size=st.integers(1, 9))
def test_wherever_it_is_cut_no_mark_is_heard_shown_or_remembered(words: list[str], cut_s: float, size: int) -> None:
    written = " ".join(["Well,", *words, "end."])
    clean = read_all(written)
    heard: list[str] = []

    async def do(session: Session) -> None:
        reply = session.reply()
        with trio.move_on_after(cut_s):
            await reply.wait()
        session.interrupt()
        heard.append(reply.heard)

    tts = voice("emphasis", "slow", "pause")
    answer = Answer([written[at : at + size] for at in range(0, len(written), size)])
    captions, talk = hold(do, llm=FakeLlm(answers=[answer]), tts=tts, settings=EXPRESSIVE)
    assert clean.startswith(heard[0])
    assert "<" not in "".join([*texts(talk.history), *(each.text for each in captions), *(r.text for r in tts.records)])
    for record in tts.records:
        for mark in record.marks:
            assert 0 <= mark.start <= mark.end <= len(record.text)
            assert (mark.start == mark.end) == (mark.delivery == "pause")


def read_all(written: str) -> str:
    """A text without its marks."""
    reader = DeliveryReader([])
    return reader.push(written) + reader.finish()
