"""The contract of recognisers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import trio

from trialogue.engine import QuickRecognitionStream, TrialogueError
from trialogue.engine.testing._contract import WITHIN_S, check_rules, need
from trialogue.engine.testing._lifetimes import LIFETIME_RULES, OPENING_RULES, Sessions
from trialogue.engine.testing._sounds import buzz, noise, silence, square
from trialogue.frames import (
    AudioFormat,
    AudioFrame,
    FinalTranscript,
    InterimTranscript,
    SpeechEnded,
    SpeechStarted,
    Transcript,
)
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialogue.engine import RecognitionStream, SpeechToText

#: A frame of a microphone, seconds.
_FRAME_S: Final = 0.02

#: How much audio before the edge a recogniser is given, seconds.
_PRE_ROLL_S: Final = 0.2

#: Where the first utterance lies on the microphone's count, seconds; not at 0, where wrong counts look right.
_FIRST_S: Final = 3.0


@frozen(kw_only=True)
class _Utterance:
    """Audio between two edges, and where it lies, in samples."""

    pcm: bytes
    start_sample: int
    rate_hz: int

    @property
    def end_sample(self) -> int:
        """Just after its last sample."""
        return self.start_sample + len(self.pcm) // 2

    async def send_to(self, stream: RecognitionStream) -> None:
        """Let a recogniser hear it, with pre-roll."""
        edge = min(self.start_sample + round(_PRE_ROLL_S * self.rate_hz), self.end_sample)
        await stream.send(SpeechStarted(at_sample=edge, at_s=edge / self.rate_hz, detected_s=edge / self.rate_hz))
        size = 2 * round(_FRAME_S * self.rate_hz)
        format = AudioFormat(rate_hz=self.rate_hz)
        for start in range(0, len(self.pcm), size):
            at_sample = self.start_sample + start // 2
            frame = AudioFrame(pcm=self.pcm[start : start + size], at_sample=at_sample, format=format)
            if not (isinstance(stream, QuickRecognitionStream) and stream.hear(frame)):
                await stream.send(frame)
        end_s = self.end_sample / self.rate_hz
        await stream.send(SpeechEnded(at_sample=self.end_sample, at_s=end_s, detected_s=end_s))

    def check(self, transcripts: list[Transcript]) -> None:
        """See that transcripts are those of this utterance: some interim ones, and a final one at last."""
        for transcript in transcripts[:-1]:
            need(isinstance(transcript, InterimTranscript), f"two final transcripts of one utterance: {transcripts}")
        need(isinstance(transcripts[-1], FinalTranscript), f"the last transcript is not final: {transcripts}")
        for transcript in transcripts:
            placed = self.start_sample <= transcript.start_sample <= transcript.end_sample <= self.end_sample
            need(placed, f"{transcript} lies outside samples {self.start_sample} to {self.end_sample}")
            sure = transcript.confidence
            need(sure is None or 0 <= sure <= 1, f"{transcript} has a confidence outside 0 to 1")


async def check_speech_to_text(
    make: Callable[[], SpeechToText],
    *,
    speech: bytes | None = None,
    repeatable: bool = True,
    within_s: float = WITHIN_S,
) -> None:
    """Check that a provider of recognisers does what `SpeechToText` and `RecognitionStream` say.

    Args:
        make: makes the provider.
        speech: mono int16, at the rate that the recogniser wants, in which it understands words; None checks with a
            sound that is no speech, and not whether anything is understood.
        repeatable: whether the same audio in a new session always gives the same text.
        within_s: how long each rule may take, seconds.

    Raises:
        ContractBroken: it breaks a rule; the message says which.
    """

    async def use(stream: RecognitionStream) -> list[str]:
        sound = buzz(0.6, rate_hz=stream.rate_hz) if speech is None else speech
        heard = await _heard(stream, [sound], checked=False)
        return [transcript.text for transcript in heard[0] if isinstance(transcript, FinalTranscript)]

    async def words_are_understood(sessions: Sessions[RecognitionStream]) -> None:
        """Speech is understood, at its own place, in each utterance."""
        async with sessions.make().open() as stream:
            sound = buzz(0.6, rate_hz=stream.rate_hz) if speech is None else speech
            for transcripts in await _heard(stream, [sound] * 3):
                need(speech is None or bool(transcripts[-1].text), f"nothing was understood: {transcripts}")

    sessions = Sessions(make=make, use=use, repeatable=repeatable)
    rules = (*OPENING_RULES, words_are_understood, *_RULES, *LIFETIME_RULES)
    await check_rules(rules, sessions, provider=type(make()).__name__, within_s=within_s)


async def _heard(
    stream: RecognitionStream, sounds: list[bytes], *, from_s: float = _FIRST_S, checked: bool = True
) -> list[list[Transcript]]:
    """Send utterances, a second apart, while listening; the transcripts of each."""
    utterances: list[_Utterance] = []
    start_sample = round(from_s * stream.rate_hz)
    for sound in sounds:
        utterances.append(_Utterance(pcm=sound, start_sample=start_sample, rate_hz=stream.rate_hz))
        start_sample = utterances[-1].end_sample + stream.rate_hz
    heard: list[list[Transcript]] = []
    async with trio.open_nursery() as nursery:

        @nursery.start_soon
        async def send() -> None:
            for utterance in utterances:
                await utterance.send_to(stream)

        for utterance in utterances:
            heard.append([])
            while not heard[-1] or not isinstance(heard[-1][-1], FinalTranscript):
                heard[-1].append(await stream.receive())
            if checked:
                utterance.check(heard[-1])
    return heard


async def _rate_is_possible(sessions: Sessions[RecognitionStream]) -> None:
    """The rate is one that speech can have."""
    async with sessions.make().open() as stream:
        need(8_000 <= stream.rate_hz <= 48_000, f"the rate is {stream.rate_hz} Hz")


async def _every_utterance_ends(sessions: Sessions[RecognitionStream]) -> None:
    """Each utterance ends with exactly one final transcript, in order, whatever there is in it."""
    async with sessions.make().open() as stream:
        rate_hz = stream.rate_hz
        sounds = [
            silence(rate_hz // 2),
            b"",
            noise(rate_hz // 2),
            silence(1),
            square(rate_hz // 2, rate_hz=rate_hz),
            buzz(0.01, rate_hz=rate_hz),
            buzz(0.5, rate_hz=rate_hz),
        ]
        await _heard(stream, sounds)
        # A final transcript too many would come here first, and lie outside this utterance.
        await _heard(stream, [buzz(0.3, rate_hz=rate_hz)], from_s=60.0)


async def _nothing_is_heard_between(sessions: Sessions[RecognitionStream]) -> None:
    """Audio outside of utterances, and edges that come twice, leave the next utterance in order."""
    async with sessions.make().open() as stream:
        rate_hz = stream.rate_hz
        format = AudioFormat(rate_hz=rate_hz)
        await stream.send(AudioFrame(pcm=noise(rate_hz // 10), at_sample=0, format=format))
        await stream.send(SpeechEnded(at_sample=rate_hz // 10, at_s=0.1, detected_s=0.1))
        await _heard(stream, [buzz(0.3, rate_hz=rate_hz)])


async def _a_wrong_rate_is_refused(sessions: Sessions[RecognitionStream]) -> None:
    """Audio of another format is refused with a TrialogueError, not misheard; what follows is heard as ever."""
    async with sessions.make().open() as stream:
        rate_hz = stream.rate_hz
        for wrong in (
            AudioFormat(rate_hz=2 * rate_hz),
            AudioFormat(rate_hz=rate_hz, channels=2),
            AudioFormat(rate_hz=rate_hz, dtype="float32"),
        ):
            refused = False
            try:
                # All bits set: loud stereo, and where they are read as floats, NaN.
                await stream.send(AudioFrame(pcm=b"\xff" * 640, at_sample=0, format=wrong))
            except TrialogueError:
                refused = True
            need(refused, f"it took {wrong}")
        await _heard(stream, [buzz(0.3, rate_hz=rate_hz)])


async def _waiting_can_be_cancelled(sessions: Sessions[RecognitionStream]) -> None:
    """Waiting for a transcript can be cancelled, and loses none."""
    async with sessions.make().open() as stream:
        with trio.move_on_after(0) as scope:
            await stream.receive()
        need(scope.cancelled_caught, "there was a transcript before there was any audio")
        await _heard(stream, [buzz(0.3, rate_hz=stream.rate_hz)])


async def _an_unfinished_utterance_may_be_left(sessions: Sessions[RecognitionStream]) -> None:
    """A session may end in the middle of an utterance."""
    async with sessions.make().open() as stream:
        await stream.send(SpeechStarted(at_sample=0, at_s=0.0, detected_s=0.0))
        frame = AudioFrame(
            pcm=buzz(0.3, rate_hz=stream.rate_hz), at_sample=0, format=AudioFormat(rate_hz=stream.rate_hz)
        )
        await stream.send(frame)


_RULES: Final = (
    _rate_is_possible,
    _every_utterance_ends,
    _nothing_is_heard_between,
    _a_wrong_rate_is_refused,
    _waiting_can_be_cancelled,
    _an_unfinished_utterance_may_be_left,
)
