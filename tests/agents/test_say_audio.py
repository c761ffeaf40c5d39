"""Ready audio in the place of the voice: heard, cut, waited for and remembered as what is synthesised."""

from __future__ import annotations

import wave
from array import array
from collections.abc import AsyncGenerator, Iterator
from typing import TYPE_CHECKING

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest
import trio

from tests.agents.conversation import Talk, after, texts
from tests.agents.test_replies import TEN_WORDS, near
from trialogue.actors import Clip, InterruptionSettings, TurnSettings
from trialogue.agents import (
    Agent,
    AgentStoppedSpeaking,
    ConversationSettings,
    ReplyFailed,
    Session,
    SessionSettings,
)
from trialogue.agents.testing import Caller, FakeCall, FakeStt, Line, Scenario, Utterance, simulate
from trialogue.engine import AudioError, ConfigurationError, ProviderError
from trialogue.frames import SPEECH_FORMAT, AudioFormat, AudioFrame, SpeechAudio, WordTiming

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from trialogue.actors import ReadySound

#: Ten words of four letters and a blank, so that each has the same part of the sound.
EVEN = " ".join(["word"] * 10)

QUIET = SessionSettings(conversation=ConversationSettings(apology=""))


def clip(for_s: float = 1.0, rate_hz: int = 16_000, level: int = 700) -> Clip:
    """A sound of one level."""
    return Clip(np.full(round(for_s * rate_hz), level, dtype=np.int16), rate_hz)


def frames(for_s: float, *, format: AudioFormat = SPEECH_FORMAT, level: int = 700) -> list[AudioFrame]:
    """The same in frames of 20 ms."""
    samples = format.samples(0.02)
    one = array("f", [level / 32_768]) if format.dtype == "float32" else array("h", [level])
    pcm = one.tobytes() * samples * format.channels
    return [AudioFrame(pcm=pcm, at_sample=n * samples, format=format) for n in range(round(for_s / 0.02))]


def hold(do: Callable[[Session], Awaitable[None]], *, settings: SessionSettings = QUIET) -> Talk:
    """A call in which the program does this, and nothing else happens; the voice is silent all the while."""

    async def all_of_it(session: Session) -> None:
        await do(session)
        session.end("that was all")

    talk = Talk(call=FakeCall(), do=all_of_it, settings=settings).hold()
    assert talk.tts.records == []
    return talk


def test_sound_that_was_used_up_is_a_failure_and_no_silence() -> None:
    async def do(session: Session) -> None:
        sound = iter(frames(0.1))
        assert await session.say("once", audio=sound).wait() == "completed"
        again = session.say("again", audio=sound)
        assert await again.wait() == "failed"
        assert "holds nothing" in again.reason

    assert texts(hold(do).history) == ["agent: once"]


def test_a_clip_is_heard_at_once_and_its_text_by_proportion() -> None:
    async def do(session: Session) -> None:
        reply = session.say(EVEN, audio=clip(1.0))
        assert await reply.started()
        assert session.now_s == near(0.0)
        await trio.sleep(0.39)  # twenty frames have gone out: the fifth word begins with sample 6,530
        assert reply.heard == "word word word"
        await trio.sleep(0.02)
        assert reply.heard == "word word word word"
        assert await reply.wait() == "completed"
        assert (session.now_s, reply.heard) == (near(1.0), EVEN)

    talk = hold(do)
    assert texts(talk.history) == [f"agent: {EVEN}"]
    assert set(talk.sound()[:16_000]) >= {700}
    told = talk.the(AgentStoppedSpeaking)
    assert (told.played_s, told.characters) == (near(1.0), 0)  # no voice was used


def test_an_interruption_cuts_it_in_mid_word_with_a_fade_and_what_was_heard_counts() -> None:
    async def do(session: Session) -> None:
        reply = session.say(EVEN, audio=clip(1.0))
        await trio.sleep(0.45)
        session.interrupt()
        assert (reply.outcome, reply.heard) == ("interrupted", "word word word word")
        await trio.sleep(0.2)

    talk = hold(do)
    assert texts(talk.history) == [f"agent: word word word word -- {' '.join(['word'] * 6)}"]
    assert 0.46 < talk.last_sound_s() <= 0.46 + 0.08  # the frame that was out, and the fade


def test_the_user_stops_it_by_words_unless_it_is_protected() -> None:
    def talk(*, protected: bool) -> Talk:
        def say(session: Session) -> None:
            session.say(EVEN, audio=clip(4.0), protected=protected)

        stt = FakeStt(utterances=[Utterance(text="no stop it", word_s=0.1)])
        return Talk(
            call=FakeCall(lines=[Line(at_s=1.0, for_s=0.8)], hangs_up_s=9),
            stt=stt,
            do=after((0.0, say)),
            settings=SessionSettings(turn=TurnSettings(interruption=InterruptionSettings(min_words=1))),
        ).hold()

    cut, kept = talk(protected=False).of(AgentStoppedSpeaking)[0], talk(protected=True).of(AgentStoppedSpeaking)[0]
    assert cut.interrupted is not None
    assert cut.heard.split() == ["word"] * (len(cut.heard) // 5 + 1)
    assert 0 < cut.played_s < 2
    assert (kept.interrupted, kept.heard, kept.played_s) == (None, EVEN, near(4.0))


def test_it_waits_for_its_turn_by_priority_and_joins_without_a_click() -> None:
    async def do(session: Session) -> None:
        session.say("low", audio=clip(0.2, level=9000), priority="low")
        session.say("high", audio=clip(0.2, level=-9000), priority="high")
        await session.say("last", audio=clip(0.2), priority="low").wait()

    talk = hold(do)
    assert [told.heard for told in talk.of(AgentStoppedSpeaking)] == ["high", "low", "last"]
    assert np.abs(np.diff(talk.sound().astype(int))).max() <= 1024


@pytest.mark.parametrize(
    "format",
    [AudioFormat(rate_hz=48_000, channels=2, dtype="float32"), AudioFormat(rate_hz=8_000), SPEECH_FORMAT],
    ids=str,
)
def test_any_format_is_converted(format: AudioFormat) -> None:
    async def do(session: Session) -> None:
        await session.say(EVEN, audio=frames(1.0, format=format)).wait()

    talk = hold(do)
    assert talk.the(AgentStoppedSpeaking).played_s == near(1.0)
    assert np.median(talk.sound()[:16_000]) == pytest.approx(700, abs=2)


def test_sound_comes_about_while_it_is_played() -> None:
    async def coming() -> AsyncGenerator[AudioFrame, None]:
        for frame in frames(1.0):
            await trio.sleep(0.01)
            yield frame

    async def do(session: Session) -> None:
        reply = session.say(EVEN, audio=coming())
        await reply.started()
        assert session.now_s == near(0.01)
        assert await reply.wait() == "completed"
        assert reply.heard == EVEN

    assert hold(do).the(AgentStoppedSpeaking).played_s == near(1.0)


def test_a_cancelled_stream_is_closed() -> None:
    closed: list[bool] = []

    async def endless() -> AsyncGenerator[AudioFrame, None]:
        try:
            while True:
                await trio.sleep(0.02)
                yield frames(0.02)[0]
        finally:
            closed.append(True)

    async def do(session: Session) -> None:
        session.say("music", audio=endless())
        await trio.sleep(1.0)
        session.interrupt()
        await trio.sleep(0.01)
        assert closed == [True]

    hold(do)


def test_words_that_the_sound_places_say_what_was_heard() -> None:
    words = (WordTiming(at_sample=0, start=0, end=3), WordTiming(at_sample=12_000, start=4, end=7))
    piece = SpeechAudio(pcm=array("h", [700]).tobytes() * 16_000, format=SPEECH_FORMAT, words=words)

    async def do(session: Session) -> None:
        reply = session.say("one two", audio=[piece])
        await trio.sleep(0.7)
        assert reply.heard == ""
        await trio.sleep(0.1)
        assert reply.heard == "one"
        await reply.wait()

    hold(do)


def test_sound_without_text_is_played_and_not_remembered() -> None:
    async def do(session: Session) -> None:
        reply = session.say(audio=clip(0.5))
        assert await reply.wait() == "completed"
        assert (reply.heard, session.now_s) == ("", near(0.5))

    talk = hold(do)
    assert talk.history == ()
    assert talk.the(AgentStoppedSpeaking).played_s == near(0.5)


def test_a_file_is_said(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "hello.wav"), "wb") as file:
        file.setparams((2, 2, 24_000, 0, "NONE", ""))
        file.writeframes(array("h", [700, 700] * 12_000).tobytes())

    async def do(session: Session) -> None:
        await session.say("Hello.", audio=Clip.from_file(tmp_path / "hello.wav", SPEECH_FORMAT)).wait()

    assert hold(do).the(AgentStoppedSpeaking).played_s == pytest.approx(0.5, abs=0.001)


# -- what is no sound


def test_what_cannot_be_sound_is_refused_when_it_is_asked_for() -> None:
    async def do(session: Session) -> None:
        with pytest.raises(AudioError, match="not bytes"):
            session.say("x", audio=b"\0\0")  # type: ignore[arg-type]  # that is the test
        with pytest.raises(AudioError, match="not int"):
            session.say("x", audio=3)  # type: ignore[arg-type]  # that is the test

        async def text() -> AsyncGenerator[str, None]:
            await trio.lowlevel.checkpoint()
            yield "x"

        with pytest.raises(ConfigurationError, match="as a str"):
            session.say(text(), audio=clip())
        await trio.lowlevel.checkpoint()

    assert hold(do).history == ()


def broken(kind: str) -> Iterator[AudioFrame]:
    """Half a second of sound, and then something that is none."""
    yield from frames(0.5)
    match kind:
        case "format":
            yield from frames(0.5, format=AudioFormat(rate_hz=8_000))
        case "half a sample":
            yield AudioFrame(pcm=b"\0\0\0", at_sample=0, format=SPEECH_FORMAT)
        case "no frame":
            yield "nonsense"  # type: ignore[misc]  # that is the test
        case _:
            raise LookupError("the disk is gone")


@pytest.mark.parametrize(
    ("kind", "error", "told"),
    [
        ("format", AudioError, "convert it first"),
        ("half a sample", AudioError, "3 bytes"),
        ("no frame", AudioError, "holds a str"),
        ("disk", LookupError, "the disk is gone"),
    ],
)
def test_what_breaks_off_is_said_so_far_and_told(kind: str, error: type[Exception], told: str) -> None:
    async def do(session: Session) -> None:
        reply = session.say(EVEN, audio=broken(kind))
        assert await reply.wait() == "failed"
        assert isinstance(reply.error, error)
        assert told in reply.reason
        assert 0 < len(reply.heard) < len(EVEN)

    talk = hold(do)
    assert talk.the(AgentStoppedSpeaking).played_s == near(0.5)
    assert told in talk.the(ReplyFailed).error


def test_sound_that_never_comes_is_given_up() -> None:
    async def never() -> AsyncGenerator[AudioFrame, None]:
        await trio.sleep(3600)
        yield frames(0.02)[0]

    async def do(session: Session) -> None:
        reply = session.say(TEN_WORDS, audio=never())
        assert await reply.wait() == "failed"
        assert isinstance(reply.error, ProviderError)
        assert session.now_s == near(5.0)  # TtsSettings.first_sound_s

    hold(do)


@pytest.mark.parametrize("is_stream", [False, True])
def test_what_a_noise_has_cut_off_is_played_again_unless_it_is_used_up(is_stream: bool) -> None:
    async def coughs(caller: Caller) -> None:
        caller.session.say(EVEN, audio=iter(frames(2.0)) if is_stream else clip(2.0))
        await caller.waits(0.5)
        await caller.coughs(0.9)
        await caller.waits(4.0)

    noisy = SessionSettings(turn=TurnSettings(interruption=InterruptionSettings(mode="vad")))
    call = simulate(Agent(instructions=""), Scenario(caller=coughs, settings=noisy))
    cut, *again = call.of(AgentStoppedSpeaking)
    assert cut.interrupted is not None
    assert [(each.heard, each.interrupted) for each in again] == ([] if is_stream else [(EVEN, None)])


@hypothesis.settings(max_examples=25)
@hypothesis.given(
    words=st.lists(st.sampled_from(["a", "bb", "ccc,", "dddd."]), max_size=12),
    for_s=st.floats(0.02, 2.0),
    rate_hz=st.sampled_from([8_000, 16_000, 22_050, 48_000]),
    kind=st.sampled_from(["clip", "frames", "stream"]),
    cut_s=st.floats(0.0, 2.5),
)
def test_what_was_heard_of_it_are_whole_words_in_proportion(
    words: list[str], for_s: float, rate_hz: int, kind: str, cut_s: float
) -> None:
    text = " ".join(words)
    pieces = frames(for_s, format=AudioFormat(rate_hz=rate_hz))
    sounds: dict[str, ReadySound] = {"clip": clip(for_s, rate_hz), "frames": pieces, "stream": iter(pieces)}
    sound = sounds[kind]
    length_s = for_s if kind == "clip" else 0.02 * len(pieces)

    async def do(session: Session) -> None:
        reply = session.say(text, audio=sound)
        with trio.move_on_after(cut_s):
            await reply.wait()
        session.interrupt()
        assert text.startswith(reply.heard)
        assert not reply.heard or text[len(reply.heard) : len(reply.heard) + 1] in ("", " ")
        if cut_s > length_s + 0.1:
            assert (reply.outcome, reply.heard) == ("completed", text)
        elif text and kind != "stream":  # the length of a stream is estimated
            assert len(reply.heard) / len(text) <= (cut_s + 0.07) / length_s

    told = hold(do).of(AgentStoppedSpeaking)
    assert all(each.played_s <= length_s + 0.001 for each in told)
