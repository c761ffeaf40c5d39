"""Captions at the pace of the voice: word by word, never ahead of it, and exact where it is cut."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

import hypothesis
import hypothesis.strategies as st
import pytest
import trio
import trio.lowlevel

from tests.agents.conversation import WORD_S, Talk, texts
from tests.agents.test_replies import TEN_WORDS, VOICE_S
from trialogue.actors import Clip, room_tone
from trialogue.agents import AgentSaid, AgentStoppedSpeaking, Session, SessionEnded
from trialogue.agents.speech._captions import CaptionText
from trialogue.agents.testing import Answer, FakeCall, FakeLlm, FakeTts, Speech
from trialogue.frames import SPEECH_FORMAT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

#: A frame is heard when it goes out, so a word is heard up to this before its last sample, seconds.
FRAME_S = 0.02


def hold(do: Callable[[Session], Awaitable[object]], **talk: object) -> tuple[list[AgentSaid], Talk]:
    """A call in which the program does this while somebody reads the captions."""
    captions: list[AgentSaid] = []

    async def all_of_it(session: Session) -> None:
        async def read() -> None:
            async with session.events(AgentSaid) as stream:
                async for caption in stream:
                    assert isinstance(caption, AgentSaid)
                    captions.append(caption)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(read)
            await trio.lowlevel.checkpoint()
            await do(session)
            session.end("that was all")

    held = Talk(**{"call": FakeCall(), "do": all_of_it, **talk}).hold()  # type: ignore[arg-type]  # passed on as it is
    return captions, held


def told(captions: list[AgentSaid]) -> list[tuple[float, str, bool]]:
    """When, what, and whether that was all."""
    return [(round(each.at_s, 9), each.text, each.final) for each in captions]


def test_each_word_comes_when_it_ends() -> None:
    captions, _ = hold(lambda session: session.say("One two three.").wait())
    assert told(captions) == [
        (round(VOICE_S + WORD_S, 9), "One", False),  # the frame in which the next one begins
        (round(VOICE_S + 2 * WORD_S, 9), "One two", False),
        (round(VOICE_S + 3 * WORD_S, 9), "One two three.", True),
    ]


def test_a_voice_that_places_no_words_has_them_by_proportion() -> None:
    # Nineteen characters at fourteen a second: what is not there yet is taken to go on so.
    tts = FakeTts(every=Speech(sentence_s=19 / 14, words=False))
    captions, _ = hold(lambda session: session.say("word word word word").wait(), tts=tts)
    assert [each.text for each in captions] == ["word", "word word", "word word word", "word word word word"]
    for number, caption in enumerate(captions[:3], start=1):
        blank_s = VOICE_S + (5 * number - 1) / 14
        assert blank_s - FRAME_S <= caption.at_s <= blank_s
    assert captions[3].at_s == pytest.approx(VOICE_S + 19 / 14, abs=FRAME_S)


def test_ready_audio_has_captions_too() -> None:
    clip: Clip = room_tone(SPEECH_FORMAT, for_s=0.4)
    captions, _ = hold(lambda session: session.say("one two", audio=clip).wait())
    assert [(each.text, each.final) for each in captions] == [("one", False), ("one two", True)]


def test_an_interruption_leaves_what_was_heard_and_that_is_the_last_one() -> None:
    async def do(session: Session) -> None:
        reply = session.say(TEN_WORDS)
        await trio.sleep(VOICE_S + 0.41)
        session.interrupt()
        await trio.sleep(1)
        assert reply.heard == "One two three four"

    captions, talk = hold(do)
    assert [each.text for each in captions] == [
        "One",
        "One two",
        "One two three",
        "One two three four",
        "One two three four",
    ]
    assert [each.final for each in captions] == [False] * 4 + [True]
    assert captions[-1].at_s == talk.the(AgentStoppedSpeaking).at_s


def test_no_word_comes_while_the_agent_rests() -> None:
    async def do(session: Session) -> None:
        reply = session.say(TEN_WORDS)
        await trio.sleep(VOICE_S + 0.21)
        session.pause()
        await trio.sleep(2)
        session.resume()
        await reply.wait()

    captions, _ = hold(do)
    before = [each.text for each in captions if each.at_s < 1]
    assert before == ["One", "One two"]
    assert not [each for each in captions if VOICE_S + 0.35 < each.at_s < 2]
    assert captions[-1].text == TEN_WORDS


def test_on_a_line_that_plays_later_captions_come_later() -> None:
    near_by, _ = hold(lambda session: session.say("One two three.").wait())
    far_away, _ = hold(lambda session: session.say("One two three.").wait(), call=FakeCall(speaker_latency_s=0.5))
    assert [each.text for each in far_away] == [each.text for each in near_by]
    for near, far in zip(near_by, far_away, strict=True):
        assert far.at_s - near.at_s == pytest.approx(0.5, abs=2 * FRAME_S)


def test_markup_is_for_neither_ear_nor_eye_but_figures_are_for_the_eye() -> None:
    answer = "**Two** coffees are [$5](http://menu.example) 😀, *smiles* ok?"
    captions, talk = hold(lambda session: session.reply().wait(), llm=FakeLlm(answers=[Answer(answer)]))
    assert captions[-1].text == "Two coffees are $5 😀, ok?"
    assert texts(talk.history) == [f"agent: {answer}"]
    for earlier, later in pairwise(captions):
        assert later.text.startswith(earlier.text)


def test_replies_follow_each_other() -> None:
    async def do(session: Session) -> None:
        session.say("One.")
        await session.say("Two.").wait()

    captions, _ = hold(do)
    assert [(each.reply_id, each.text) for each in captions if each.final] == [
        ("reply 1", "One."),
        ("reply 2", "Two."),
    ]


def test_only_who_names_them_is_told() -> None:
    everything: list[object] = []

    async def do(session: Session) -> None:
        async with session.events() as stream:
            await session.say("One two.").wait()
            session.end("over")
            async for event in stream:
                everything.append(event)

    captions, talk = hold(do)
    assert captions
    assert talk.of(AgentSaid) == []
    assert isinstance(everything[-1], SessionEnded)
    assert not [event for event in everything if isinstance(event, AgentSaid)]


class _Steps(trio.abc.Instrument):
    """Counts the steps of the session's tasks."""

    def __init__(self) -> None:
        self.by_name: Counter[str] = Counter()

    def before_task_step(self, task: trio.lowlevel.Task) -> None:
        self.by_name[task.name.rpartition(".")[2]] += 1


def test_captions_wake_nobody_but_who_reads_them() -> None:
    def steps(*, read: bool) -> Counter[str]:
        counted = _Steps()

        async def do(session: Session) -> None:
            trio.lowlevel.add_instrument(counted)
            await session.say(TEN_WORDS).wait()
            trio.lowlevel.remove_instrument(counted)

        async def alone(session: Session) -> None:
            await do(session)
            session.end("that was all")

        if read:
            hold(do)
        else:
            Talk(call=FakeCall(), do=alone).hold()
        return counted.by_name

    with_readers, without = steps(read=True), steps(read=False)
    for name in ("pacer", "audio_out", "speaker", "mouth"):
        assert with_readers[name] == without[name] > 0


@hypothesis.settings(max_examples=25)
@hypothesis.given(
    words=st.lists(
        st.sampled_from(["one", "**two**", "$3", "four.", "`five`", "six,", "_seven!_"]), min_size=1, max_size=20
    ),
    cut_s=st.floats(0.0, 3.0),
    placed=st.booleans(),
    latency_s=st.sampled_from([0.0, 0.2]),
)
def test_they_grow_end_as_what_was_heard_and_are_never_ahead(
    words: list[str], cut_s: float, placed: bool, latency_s: float
) -> None:
    text = " ".join(words)
    heard: list[str] = []

    async def do(session: Session) -> None:
        reply = session.say(text)
        with trio.move_on_after(cut_s):
            await reply.wait()
        session.interrupt()
        heard.append(reply.heard)

    tts = FakeTts(every=Speech(word_s=WORD_S, words=placed))
    captions, talk = hold(do, tts=tts, call=FakeCall(speaker_latency_s=latency_s))
    for earlier, later in pairwise(captions):
        assert later.text.startswith(earlier.text)
        assert later.at_s >= earlier.at_s
    if not heard[0]:
        assert captions == []
        return
    assert [each.final for each in captions] == [False] * (len(captions) - 1) + [True]
    assert captions[-1].text == clean(text, len(heard[0]))
    if placed and latency_s == 0.0:  # noqa: RUF069  # it is set, not computed
        spoken = sum(len(record.text.split()) for record in talk.tts.records)
        for caption in captions:
            played_s = caption.at_s - talk.tts.records[0].asked_s - VOICE_S + FRAME_S
            assert len(caption.text.split()) <= min(spoken, played_s / WORD_S + 1)


def clean(text: str, heard: int) -> str:
    """What the eye may see of so much of a text."""
    caption = CaptionText()
    caption.take(text)
    caption.finish()
    return caption.heard(heard)


@hypothesis.given(
    text=st.text(alphabet="ab *_`[](#\n<>&;.$5", max_size=60), cuts=st.lists(st.integers(0, 60), max_size=5)
)
def test_the_text_is_the_same_however_it_comes(text: str, cuts: list[int]) -> None:
    caption = CaptionText()
    shown = ""
    for cut in sorted(cuts):
        caption.take(text[:cut])
        now = caption.heard(min(cut, len(text)))
        assert now.startswith(shown)
        shown = now
    caption.take(text)
    caption.finish()
    assert caption.heard(len(text)) == clean(text, len(text))
