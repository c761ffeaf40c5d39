"""Small providers that keep their contracts, and break one rule where they are told to."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import attrs
import trio

from trialogue.engine import AudioError, ChannelBroken, Inbox, Outbox, ProviderError
from trialogue.frames import (
    AudioFormat,
    AudioFrame,
    ChatMessage,
    ChatRequest,
    FinalTranscript,
    InterimTranscript,
    ModelOutput,
    SpeechAudio,
    SpeechEdge,
    SpeechEnded,
    SpeechStarted,
    TextDelta,
    TokenUsage,
    ToolCall,
    Transcript,
    WordTiming,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator, Sequence

    from trialogue.frames import Delivery, DeliveryMark

FORMAT = AudioFormat(rate_hz=16_000)
#: What one character of text lasts, samples.
CHARACTER = 320
BEEP = b"\x00\x10\x00\xf0" * (CHARACTER // 2)

#: What faults leave open, so that the tests can take it away again.
LEFT_OPEN: list[int | subprocess.Popen[bytes]] = []


@attrs.define(kw_only=True)
class Voices:
    """Beeps for each character. Its faults are those of voices, and those of sessions."""

    fault: str = ""
    opened: int = 0
    open_now: int = 0

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[BeepVoice, None]:
        self.opened += 1
        if self.fault == "opens once" and self.opened > 1:
            raise ProviderError("it is open already")
        self._leave_something()
        self.open_now += 1
        try:
            await trio.lowlevel.checkpoint()
            yield BeepVoice(self)
        except trio.Cancelled as cancelled:
            if self.fault == "slow when cancelled":
                with trio.CancelScope(shield=True):
                    await trio.sleep(60)  # noqa: ASYNC120  # the fault
            if self.fault == "raises when cancelled":
                raise ProviderError("the connection is gone") from cancelled  # noqa: ASYNC104  # the fault
            raise
        except Exception:
            if self.fault != "swallows errors":
                raise
        finally:
            self.open_now -= 1

    def _leave_something(self) -> None:
        if self.fault == "leaves a descriptor":
            LEFT_OPEN.append(os.open(os.devnull, os.O_RDONLY))
        if self.fault == "leaves a process":
            command = [sys.executable, "-c", "input()"]
            LEFT_OPEN.append(subprocess.Popen(command, stdin=subprocess.PIPE))


class BeepVoice:
    """A voice that beeps."""

    def __init__(self, settings: Voices) -> None:
        self._settings = settings
        self._left_over: list[SpeechAudio] = []
        self._spoken = 0
        self._broken = False

    @property
    def format(self) -> AudioFormat:
        return attrs.evolve(FORMAT, channels=2) if self._settings.fault == "stereo" else FORMAT

    @contextlib.asynccontextmanager
    async def speak(self, text: str) -> AsyncGenerator[Beeps, None]:
        fault = self._settings.fault
        self._spoken += 1
        if fault == "wears out" and self._spoken > 2:
            raise ProviderError("the voice is hoarse")
        if fault == "untyped errors" and not text.isascii():
            raise KeyError(text)
        silent = self._broken
        self._broken = silent or (fault == "falls silent" and "\0" in text)
        loud = 2 if fault == "shares state" and self._settings.open_now > 1 else 1
        beeps = Beeps(fault, [] if silent else [*self._left_over, *sound_of(text * loud, fault)])
        self._left_over = []
        try:
            yield beeps
        finally:
            self._keep(beeps)

    @property
    def understands(self) -> frozenset[Delivery]:
        return frozenset({"pause", "slow"})

    @contextlib.asynccontextmanager
    async def speak_marked(self, text: str, marks: Sequence[DeliveryMark]) -> AsyncGenerator[Beeps, None]:
        match self._settings.fault:
            case "silent where marked":
                yield Beeps("", [])
            case "places words among marks":
                yield Beeps("", sound_of(f"<{marks[0].delivery}>{text}"))
            case _:
                async with self.speak(text) as beeps:
                    yield beeps

    def _keep(self, beeps: Beeps) -> None:
        fault = self._settings.fault
        if fault == "leaves sound over" and beeps.given:
            self._left_over = beeps.rest()
        if fault == "leaves unheard sound over" and not beeps.given:
            self._left_over = beeps.rest()


class Beeps:
    """The sound of one text."""

    def __init__(self, fault: str, sound: list[SpeechAudio]) -> None:
        self._fault = fault
        self._sound = iter(sound)
        self.given = 0

    def __aiter__(self) -> Beeps:
        return self

    async def __anext__(self) -> SpeechAudio:
        await trio.lowlevel.checkpoint()
        audio = next(self._sound, None)
        if audio is None:
            if self._fault == "goes on":
                self._sound = iter(sound_of("more"))
            raise StopAsyncIteration
        self.given += 1
        return audio

    def rest(self) -> list[SpeechAudio]:
        """What was not given out."""
        return list(self._sound)


def sound_of(text: str, fault: str = "") -> list[SpeechAudio]:
    """Beeps word by word, with their places; odd and long texts are cut short."""
    sound: list[SpeechAudio] = []
    at_sample = start = 0
    for word in text[:500].split(" "):
        length = len(word) + 1
        pcm = BEEP * (1 if fault == "all of one length" else length)
        timing = WordTiming(at_sample=at_sample, start=start, end=start + len(word))
        words = (timing,) if word.strip() else ()
        sound.append(_spoiled(SpeechAudio(pcm=pcm, format=FORMAT, words=words), fault))
        at_sample += len(pcm) // 2
        start += length
    if fault == "all of one length":
        return [attrs.evolve(sound[0], pcm=BEEP * 40, words=())]
    return sound


def _spoiled(audio: SpeechAudio, fault: str) -> SpeechAudio:
    match fault:
        case "other format":
            return attrs.evolve(audio, format=attrs.evolve(FORMAT, rate_hz=8_000))
        case "half samples":
            return attrs.evolve(audio, pcm=audio.pcm[:-1])
        case "only silence":
            return attrs.evolve(audio, pcm=bytes(len(audio.pcm)))
        case "words beyond the text":
            return attrs.evolve(audio, words=tuple(attrs.evolve(word, end=word.end + 900) for word in audio.words))
        case "words beyond the sound":
            return attrs.evolve(audio, words=tuple(attrs.evolve(word, at_sample=1 << 30) for word in audio.words))
        case "words all at once":
            return attrs.evolve(audio, words=tuple(attrs.evolve(word, start=0) for word in audio.words))
    return audio


@attrs.frozen(kw_only=True)
class Models:
    """Says hello, one word at a time."""

    fault: str = ""

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[HelloConnection, None]:
        await trio.lowlevel.checkpoint()
        yield HelloConnection(self.fault)


class HelloConnection:
    """A connection to nobody."""

    def __init__(self, fault: str) -> None:
        self._fault = fault
        self._left_over: list[ModelOutput] = []

    @contextlib.asynccontextmanager
    async def reply(self, request: ChatRequest) -> AsyncGenerator[Outputs, None]:
        texts = [item.text for item in request.items if isinstance(item, ChatMessage)]
        if self._fault == "untyped errors" and any("\0" in text for text in texts):
            raise UnicodeError("a character that nobody knows")
        if self._fault == "confused by calls" and any(isinstance(item, ToolCall) for item in request.items):
            raise KeyError("call_1")
        if not texts:
            raise ProviderError("there is nothing to reply to")
        outputs = Outputs(self._fault, [*self._left_over, *_reply(self._fault)])
        self._left_over = []
        try:
            yield outputs
        finally:
            if self._fault == "leaves words over":
                self._left_over = list(outputs.rest)


class Outputs:
    """What a model writes."""

    def __init__(self, fault: str, outputs: list[ModelOutput]) -> None:
        self._fault = fault
        self.rest: Iterator[ModelOutput] = iter(outputs)

    def __aiter__(self) -> Outputs:
        return self

    async def __anext__(self) -> ModelOutput:
        await trio.lowlevel.checkpoint()
        output = next(self.rest, None)
        if output is None:
            if self._fault == "goes on":
                self.rest = iter([TextDelta(text=" more")])
            raise StopAsyncIteration
        return output


def _reply(fault: str) -> list[ModelOutput]:
    words: list[ModelOutput] = [TextDelta(text="Hello"), TextDelta(text=" there.")]
    usage = TokenUsage(input_tokens=3, output_tokens=2)
    call = ToolCall(call_id="a", name="lookup", arguments="{}")
    replies: dict[str, list[ModelOutput]] = {
        "empty words": [*words, TextDelta(text=""), usage],
        "no words": [call, usage],
        "cost first": [usage, *words],
        "arguments that are no object": [*words, attrs.evolve(call, arguments="[1")],
        "calls without id": [*words, attrs.evolve(call, call_id="")],
        "calls of one id": [*words, call, call],
    }
    return replies.get(fault, [*words, call, usage])


@attrs.frozen(kw_only=True)
class Recognisers:
    """Understands "beep" in everything that is loud."""

    fault: str = ""

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[BeepRecogniser, None]:
        await trio.lowlevel.checkpoint()
        recogniser = BeepRecogniser(self.fault)
        try:
            yield recogniser
        finally:
            recogniser.close()


class BeepRecogniser:
    """Listens for beeps."""

    def __init__(self, fault: str) -> None:
        self._fault = fault
        self._send, self._receive = trio.open_memory_channel[Transcript](100)
        self._span: tuple[int, int] | None = None
        self._loud = False

    @property
    def rate_hz(self) -> int:
        return 96_000 if self._fault == "a rate of bats" else 16_000

    def close(self) -> None:
        if self._fault == "must hear the end" and self._span is not None:
            raise RuntimeError("an utterance has no end")

    async def send(self, item: AudioFrame | SpeechEdge) -> None:
        await trio.lowlevel.checkpoint()
        match item:
            case SpeechStarted():
                self._span, self._loud = (item.at_sample, item.at_sample), False
            case AudioFrame():
                if item.format != FORMAT and self._fault not in {"takes anything", "a rate of bats"}:
                    raise AudioError(f"it hears {FORMAT}, not {item.format}")
                if self._span is not None:
                    self._span = (min(self._span[0], item.at_sample), item.end_sample)
                    self._loud = self._loud or any(item.pcm)
            case SpeechEnded():
                if self._span is None:
                    if self._fault == "confused by edges":
                        raise RuntimeError("no utterance")
                    return
                await self._finish(*self._span)
                self._span = None

    async def _finish(self, start: int, end: int) -> None:
        text = "beep" if self._loud and self._fault != "deaf" else ""
        if self._fault == "wrong places":
            start, end = 0, end - start
        sure = 1.5 if self._fault == "more than sure" else 0.9
        await self._send.send(InterimTranscript(text=text, start_sample=start, end_sample=end))
        if self._fault == "no end for silence" and not self._loud:
            return
        final = FinalTranscript(text=text, start_sample=start, end_sample=end, confidence=sure)
        await self._send.send(final)
        if self._fault == "two ends":
            await self._send.send(final)

    async def receive(self) -> Transcript:
        try:
            return await self._receive.receive()
        except trio.Cancelled:
            if self._fault == "swallows cancels":
                return FinalTranscript(text="", start_sample=0, end_sample=0)  # noqa: ASYNC104  # the fault
            raise


@attrs.define(kw_only=True)
class Detectors:
    """Takes for speech what is loud."""

    fault: str = ""
    shared: list[float] = attrs.Factory(list)

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[LoudnessDetector, None]:
        await trio.lowlevel.checkpoint()
        yield LoudnessDetector(self.fault, self.shared if self.fault == "shared state" else [])


class LoudnessDetector:
    """The mean of the last hops' loudness."""

    rate_hz = 16_000
    hop_samples = 512
    is_crowded = False

    def __init__(self, fault: str, history: list[float]) -> None:
        self._fault = fault
        self._history = history

    @property
    def cost_s(self) -> float:
        return 2.0 if self._fault == "costs more than it hears" else 0.000_1

    def probability(self, hop: bytes) -> float:
        if len(hop) != 1024 and self._fault != "any length":
            raise AudioError(f"a hop has 512 samples, not {len(hop) / 2:g}")
        loudness = max((abs(value) for value in memoryview(hop[: len(hop) // 2 * 2]).cast("h")), default=0) / 32_768
        self._history.append(loudness)
        mean = sum(self._history[-3:]) / len(self._history[-3:])
        if self._fault == "hears what is not there":
            return 0.9
        if self._fault == "deaf":
            return 0.0
        if self._fault == "not a number" and loudness == 1:
            return float("nan")
        return mean * 1.5 if self._fault == "more than sure" else min(1.0, mean * 1.5)

    async def probability_together(self, hop: bytes) -> float:
        await trio.lowlevel.checkpoint()
        if self._fault == "hears what others say":
            self._history.append(1.0)
        return self.probability(hop)

    def reset(self) -> None:
        if self._fault != "remembers":
            self._history.clear()


@attrs.define(kw_only=True)
class Denoisers:
    """Gives back what it gets, in blocks of 10 ms."""

    fault: str = ""
    shared: bytearray = attrs.Factory(bytearray)

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[BlockReducer, None]:
        await trio.lowlevel.checkpoint()
        yield BlockReducer(self.fault, self.shared if self.fault == "shared state" else bytearray())


class BlockReducer:
    """No noise goes, no sample either."""

    rate_hz = 16_000

    def __init__(self, fault: str, waiting: bytearray) -> None:
        self._fault = fault
        self._waiting = waiting

    @property
    def delay_samples(self) -> int:
        return 16_000 if self._fault == "late" else 0

    def process(self, pcm: bytes) -> bytes:
        self._waiting += pcm
        whole = len(self._waiting) // 320 * 320
        out = bytes(self._waiting[:whole])
        del self._waiting[:whole]
        if self._fault == "loses samples":
            return out[: len(out) // 4 * 2]
        if self._fault == "fades in each piece":
            return bytes(min(20, len(out))) + out[20:]
        if self._fault == "hums":
            return b"\x00\x01" * (len(out) // 2)
        return out


@attrs.define(kw_only=True)
class Calls:
    """A call with somebody who says nothing."""

    fault: str = ""
    flushed: int = 0

    @property
    def microphone_format(self) -> AudioFormat:
        return FORMAT

    @property
    def speaker_format(self) -> AudioFormat:
        return attrs.evolve(FORMAT, channels=2) if self.fault == "a stereo speaker" else FORMAT

    @property
    def speaker_latency_s(self) -> float:
        return -1.0 if self.fault == "heard before it is said" else 0.0

    async def microphone(self, audio_out: Outbox[AudioFrame]) -> None:
        began_s = trio.current_time()
        format = attrs.evolve(FORMAT, rate_hz=8_000) if self.fault == "another format" else FORMAT
        for number in range(100):
            pause_s = 0.005 if self.fault == "too fast" else 0.02
            await trio.sleep_until(began_s + (number + 1) * pause_s)
            if self.fault == "says nothing":
                continue
            at_sample = 300 * number if self.fault == "overlaps" else 320 * number
            frame = AudioFrame(pcm=FORMAT.silence(320), at_sample=at_sample, format=format)
            try:
                await audio_out.send(frame)
            except ChannelBroken as broken:
                if self.fault == "astonished that nobody listens":
                    raise RuntimeError("where are you?") from broken
                raise

    async def speaker(self, audio_in: Inbox[AudioFrame]) -> None:
        try:
            end_sample = 0
            async for frame in audio_in:
                if self.fault == "breaks in gaps" and frame.at_sample != end_sample:
                    raise ValueError("there is a gap")
                if self.fault == "deaf once flushed" and self.flushed > 1:
                    await trio.sleep_forever()
                end_sample = frame.end_sample
            if self.fault == "plays for ever":
                await trio.sleep_forever()
        except trio.Cancelled:
            if self.fault == "slow when cancelled":
                with trio.move_on_after(60, shield=True):
                    await trio.sleep(60)
            raise

    def flush(self) -> None:
        self.flushed += 1
