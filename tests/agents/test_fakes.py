"""The fakes do what their scripts say, exactly then, and write it down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import trio

from trialogue.agents.testing import Answer, FakeCall, FakeLlm, FakeStt, FakeTts, FakeVad, Line, Speech, Utterance
from trialogue.engine import Channel, ProviderError, TransportBroken
from trialogue.frames import (
    SPEECH_FORMAT,
    AudioFrame,
    ChatRequest,
    FinalTranscript,
    InterimTranscript,
    ModelOutput,
    SpeechEnded,
    SpeechStarted,
    TextDelta,
    ToolCall,
    Transcript,
)

if TYPE_CHECKING:
    from trio.testing import MockClock

    from trialogue.engine import ModelConnection, RecognitionStream, Voice

FRAME = 320
BROKEN = ProviderError("broken")
ASK = ChatRequest(instructions="")


def frames(first: int, last: int) -> list[AudioFrame]:
    """Frames of speech by number."""
    return [
        AudioFrame(pcm=b"\1\0" * FRAME, at_sample=number * FRAME, format=SPEECH_FORMAT) for number in range(first, last)
    ]


async def say(stream: RecognitionStream, first: int, last: int) -> None:
    """Let a recogniser hear an utterance at once: from one frame to another."""
    await stream.send(SpeechStarted(at_sample=first * FRAME, at_s=first * 0.02, detected_s=first * 0.02))
    for frame in frames(first, last):
        await stream.send(frame)
    await stream.send(SpeechEnded(at_sample=last * FRAME, at_s=last * 0.02, detected_s=last * 0.02))


async def received(stream: RecognitionStream, count: int) -> list[tuple[float, Transcript]]:
    """The next transcripts, each with its time."""
    began_s = trio.current_time()
    found: list[tuple[float, Transcript]] = []
    for _ in range(count):
        transcript = await stream.receive()
        found.append((round(trio.current_time() - began_s, 9), transcript))
    return found


def final(text: str, first: int = 0, last: int = 10) -> FinalTranscript:
    """A final transcript of an utterance from one frame to another."""
    return FinalTranscript(text=text, start_sample=first * FRAME, end_sample=last * FRAME)


# -- speech to text


async def test_an_utterance_is_understood_after_its_delay(autojump_clock: MockClock) -> None:
    stt = FakeStt(utterances=["one", Utterance(text="two", final_delay_s=0.7)], then="more")
    async with stt.open() as stream:
        for number, expected in enumerate([(0.0, "one"), (0.7, "two"), (0.0, "more"), (0.0, "more")]):
            await say(stream, number * 10, number * 10 + 10)
            at_s, text = expected
            assert await received(stream, 1) == [(at_s, final(text, number * 10, number * 10 + 10))]
    assert stt.frames == 40
    assert [record.samples for record in stt.records] == [10 * FRAME] * 4


async def test_interims_come_with_the_audio_of_their_words(autojump_clock: MockClock) -> None:
    stt = FakeStt(utterances=[Utterance(text="a b c", word_s=0.06, interim_delay_s=0.01, final_delay_s=0.5)])
    async with stt.open() as stream:
        await say(stream, 0, 10)
        found = await received(stream, 4)
    interims = [
        (0.01, InterimTranscript(text=text, start_sample=0, end_sample=end * FRAME))
        for text, end in (("a", 3), ("a b", 6), ("a b c", 9))
    ]
    assert found == [*interims, (0.5, final("a b c"))]


async def test_finals_may_be_split_doubled_or_missing(autojump_clock: MockClock) -> None:
    split = Utterance(text="", finals=((0.1, "one"), (0.3, "two")))
    double = Utterance(text="", finals=((0.0, "same"), (0.0, "same")))
    missing = Utterance(text="lost", finals=())
    async with FakeStt(utterances=[split, double, missing]).open() as stream:
        await say(stream, 0, 10)
        assert await received(stream, 2) == [(0.1, final("one")), (0.3, final("two"))]
        await say(stream, 10, 20)
        assert await received(stream, 2) == [(0.0, final("same", 10, 20))] * 2
        await say(stream, 20, 30)
        with trio.move_on_after(3600) as waiting:
            await stream.receive()
        assert waiting.cancelled_caught


async def test_a_broken_recogniser_stays_broken(autojump_clock: MockClock) -> None:
    async with FakeStt(utterances=[Utterance(text="", final_delay_s=0.2, error=BROKEN)]).open() as stream:
        await say(stream, 0, 10)
        with pytest.raises(ProviderError, match="broken"):
            await received(stream, 1)
        with pytest.raises(ProviderError, match="broken"):
            await stream.send(frames(0, 1)[0])


async def test_a_transcript_survives_a_cancelled_receive(autojump_clock: MockClock) -> None:
    async with FakeStt(utterances=[Utterance(text="late", final_delay_s=0.2)]).open() as stream:
        await say(stream, 0, 10)
        with trio.move_on_after(0.1) as waiting:
            await stream.receive()
        assert waiting.cancelled_caught
        assert await received(stream, 1) == [(0.1, final("late"))]


# -- language model


async def outputs(connection: ModelConnection, *, take_s: float = 0.0) -> list[tuple[float, ModelOutput]]:
    """What an answer brings, each with its time; the reader needs a while for each."""
    began_s = trio.current_time()
    found: list[tuple[float, ModelOutput]] = []
    async with connection.reply(ASK) as answer:
        async for output in answer:
            found.append((round(trio.current_time() - began_s, 9), output))
            await trio.sleep(take_s)
    return found


async def test_tokens_keep_their_schedule_however_slowly_they_are_taken(autojump_clock: MockClock) -> None:
    llm = FakeLlm(answers=[Answer("one two three four", stalls={2: 0.1})] * 2)
    async with llm.open() as connection:
        assert [(at, token.text) for at, token in await outputs(connection) if isinstance(token, TextDelta)] == [
            (0.1, "one"),
            (0.105, " two"),
            (0.21, " three"),
            (0.215, " four"),
        ]
        slow = await outputs(connection, take_s=0.08)
    assert [at for at, _ in slow] == [0.1, pytest.approx(0.18), pytest.approx(0.26), pytest.approx(0.34)]
    assert [record.end for record in llm.records] == ["complete", "complete"]


async def test_a_model_calls_tools_dies_and_runs_out_of_answers(autojump_clock: MockClock) -> None:
    call = ToolCall(call_id="1", name="look", arguments="{}")
    llm = FakeLlm(answers=[Answer(["Wait.", call]), Answer("never said", dies_at=1, error=BROKEN)])
    async with llm.open() as connection:
        assert [output for _, output in await outputs(connection)] == [TextDelta(text="Wait."), call]
        with pytest.raises(ProviderError, match="broken"):
            await outputs(connection)
        with pytest.raises(ProviderError, match="no more than 2 answers"):
            await outputs(connection)
    assert [(record.end, len(record.sent_s)) for record in llm.records] == [("complete", 2), ("failed", 1)]


async def test_leaving_and_cancelling_an_answer_are_written_down(autojump_clock: MockClock) -> None:
    llm = FakeLlm()
    async with llm.open() as connection:
        async with connection.reply(ASK) as answer:
            await anext(answer)
        with trio.move_on_after(0.11):
            await outputs(connection)
    left, cancelled = llm.records
    assert (left.end, len(left.sent_s)) == ("left", 1)
    assert (cancelled.end, len(cancelled.sent_s)) == ("cancelled", 2)
    assert cancelled.ended_s == pytest.approx(cancelled.asked_s + 0.11)
    assert llm.statistics().opened == 1
    assert llm.statistics().open_now == 0


# -- text to speech


async def sound(voice: Voice, text: str) -> list[tuple[float, int, list[tuple[int, str]]]]:
    """When each piece of a sentence's sound came, its samples, and the words that it places."""
    began_s = trio.current_time()
    found: list[tuple[float, int, list[tuple[int, str]]]] = []
    async with voice.speak(text) as pieces:
        async for piece in pieces:
            words = [(word.at_sample, text[word.start : word.end]) for word in piece.words]
            found.append((round(trio.current_time() - began_s, 9), len(piece.pcm) // 2, words))
    return found


async def test_a_sentence_has_its_length_and_each_word_its_place(autojump_clock: MockClock) -> None:
    tts = FakeTts(every=Speech(word_s=0.025))
    async with tts.open() as voice:
        assert await sound(voice, "one two  three") == [
            (0.05, 320, [(0, "one")]),
            (0.05, 320, [(400, "two")]),
            (0.05, 320, [(800, "three")]),
            (0.05, 240, []),
        ]
    assert (tts.records[0].samples, tts.records[0].end) == (1200, "complete")


async def test_a_voice_may_be_slow_silent_wordless_or_die(autojump_clock: MockClock) -> None:
    exceptions = {
        0: Speech(sentence_s=0.06, speed=0.5, words=False),
        1: Speech(sentence_s=0.0),
        2: Speech(sentence_s=1.0, dies_after_s=0.03, error=BROKEN),
    }
    tts = FakeTts(exceptions=exceptions, levels=(100, 200))
    async with tts.open() as voice:
        assert await sound(voice, "slow") == [(0.05, 320, []), (0.09, 320, []), (0.13, 320, [])]
        assert await sound(voice, "silent") == []
        with pytest.raises(ProviderError, match="broken"):
            await sound(voice, "dies")
    assert [record.end for record in tts.records] == ["complete", "complete", "failed"]
    assert [record.samples for record in tts.records] == [960, 0, 480]
    assert [record.level for record in tts.records] == [100, 200, 100]


# -- voice activity, and opening


async def test_speech_is_what_is_not_silence_or_what_it_was_told() -> None:
    async with FakeVad().open() as ear:
        assert [ear.probability(bytes(640)), ear.probability(bytes(639) + b"\1")] == [0.0, 1.0]
    vad = FakeVad(told=[(0.04, 0.08)])
    async with vad.open() as ear:
        assert [ear.probability(bytes(640)) for _ in range(6)] == [0.0, 0.0, 1.0, 1.0, 0.0, 0.0]
    assert vad.hops == 6


async def test_opening_may_fail_and_is_counted() -> None:
    for fake in (FakeVad(error=BROKEN), FakeStt(error=BROKEN), FakeLlm(error=BROKEN), FakeTts(error=BROKEN)):
        with pytest.raises(ProviderError, match="broken"):
            async with fake.open():
                pass
        assert fake.statistics().opened == 0
    working = FakeTts()
    async with working.open(), working.open():
        assert working.statistics().open_now == 2
    assert working.statistics().open_now == 0


# -- the call


async def test_the_user_speaks_to_the_sample_and_hangs_up(autojump_clock: MockClock) -> None:
    call = FakeCall(lines=[Line(at_s=0.03, for_s=0.05)], hangs_up_s=0.1)
    channel = Channel[AudioFrame]("microphone", capacity=100)
    began_s = trio.current_time()
    await call.microphone(channel.outbox)
    channel.outbox.close()
    assert trio.current_time() - began_s == pytest.approx(0.1, abs=1e-9)
    pcm = b"".join([frame.pcm async for frame in channel.inbox])
    assert pcm == bytes(480 * 2) + b"\xe8\x03" * 800 + bytes(320 * 2)


async def test_the_wire_breaks_when_the_script_says(autojump_clock: MockClock) -> None:
    channel = Channel[AudioFrame]("microphone", capacity=100)
    with pytest.raises(TransportBroken, match=r"broke after 0\.1 s"):
        await FakeCall(breaks_s=0.1).microphone(channel.outbox)
    assert channel.statistics().sent == 5


async def test_the_user_hears_frames_with_their_times_and_not_in_a_stall(autojump_clock: MockClock) -> None:
    call = FakeCall(stalls=[(0.02, 0.5)])
    channel = Channel[AudioFrame]("speaker", capacity=2)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(call.speaker, channel.inbox)
        for frame in frames(0, 5):
            await trio.sleep(0.02)
            await channel.outbox.send(frame)
        channel.outbox.close()
    assert [at_s for at_s, _ in call.heard] == pytest.approx([0.02, 0.5, 0.5, 0.5, 0.52], abs=1e-9)
    assert call.sound() == b"\1\0" * (5 * FRAME)
