"""A recogniser that understands what its script says: on time, late, in parts, twice, never, or it breaks."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Final

import attrs
import trio

from trialogue.agents.testing._due import DueTranscripts, check_speech_format
from trialogue.agents.testing._leases import Leases, LeaseStatistics
from trialogue.engine import ProviderError, RecognitionStream
from trialogue.frames import (
    SPEECH_FORMAT,
    AudioFrame,
    FinalTranscript,
    InterimTranscript,
    SpeechEdge,
    SpeechEnded,
    SpeechStarted,
    Transcript,
)
from trialogue.frames._attrs import define, frozen

if TYPE_CHECKING:
    from collections.abc import Sequence


@frozen(kw_only=True)
class Utterance:
    """What is understood of one utterance, and when.

    Args:
        text: its words.
        final_delay_s: the final transcript comes so long after the recogniser was told of the end of speech, seconds.
        word_s: for interim transcripts: each word takes so much audio from the onset on, seconds; None gives none.
        interim_delay_s: an interim comes so long after the audio of its last word, seconds.
        finals: instead of one final of the whole text: several, as delay in seconds and text. The same one twice, the
            text in two parts, or none at all, as bad recognisers do.
        error: what comes instead of the final; the stream is dead afterwards.
    """

    text: str
    final_delay_s: float = 0.0
    word_s: float | None = None
    interim_delay_s: float = 0.0
    finals: tuple[tuple[float, str], ...] | None = None
    error: ProviderError | None = None

    @property
    def all_finals(self) -> tuple[tuple[float, str], ...]:
        """The finals with their delays."""
        return ((self.final_delay_s, self.text),) if self.finals is None else self.finals


#: How long silence must last for a recogniser that finds the ends of speech itself, seconds.
_OWN_SILENCE_S: Final = 0.3

#: What the shared scenarios say.
_DEFAULT_UTTERANCE: Final = Utterance(text="hello how are you")


@frozen(kw_only=True)
class UtteranceRecord:
    """An utterance as it reached a recogniser. Samples on the microphone's count, times on Trio's clock.

    Args:
        start_sample, end_sample: where the detector said that its speech was.
        first_sample: of the audio that came with it, so pre-roll included; None if none came.
        samples: how much audio came with it.
        ended_s: when the recogniser was told that it was over.
    """

    start_sample: int
    end_sample: int
    first_sample: int | None
    samples: int
    ended_s: float


@define(kw_only=True, eq=False)
class FakeStt:
    """Understands one utterance after another as its script says.

    Args:
        utterances: in the order in which recognisers are told of them, those that replace a broken one included; a
            text alone is an utterance with all defaults.
        then: every utterance after these.
        error: what opening it raises.
        finds_edges: whether it needs no detector: told of no edges, it hears speech in every sample that is not 0, and
            its end in 0.3 s of silence.
    """

    utterances: Sequence[Utterance | str] = ()
    then: Utterance | str = _DEFAULT_UTTERANCE
    error: ProviderError | None = None
    finds_edges: bool = False
    #: Frames of all sessions so far.
    frames: int = attrs.field(default=0, init=False)
    #: Which terms recognisers were told to expect: when, on Trio's clock, and which.
    expected: list[tuple[float, tuple[str, ...]]] = attrs.field(factory=list, init=False)
    #: The utterances of all sessions, as they ended.
    records: list[UtteranceRecord] = attrs.field(factory=list, init=False)
    _begun: int = attrs.field(default=0, init=False)
    _leases: Leases = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._leases = Leases(error=self.error)

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[RecognitionStream, None]:
        """A recogniser for one session; all of them go through the one script. Raises the error that was set."""
        with self._leases.lease():
            yield _ScriptedStream(self)

    def statistics(self) -> LeaseStatistics:
        """How often it was opened, and is now."""
        return self._leases.statistics()

    def next_utterance(self) -> Utterance:
        """What is understood of the utterance that begins now."""
        number, self._begun = self._begun, self._begun + 1
        scripted = self.utterances[number] if number < len(self.utterances) else self.then
        return Utterance(text=scripted) if isinstance(scripted, str) else scripted


@define(kw_only=True, eq=False)
class _Hearing:
    """The utterance that is being heard."""

    script: Utterance
    words: list[str]
    started: SpeechStarted
    first_sample: int | None = None
    end_sample: int = 0
    samples: int = 0
    told: int = 0  # words that interims have told


class _OwnEar:
    """Finds speech in sound: it is where samples are not 0."""

    def __init__(self) -> None:
        self._speaks = False
        self._spoke_to = 0

    def hear(self, frame: AudioFrame) -> list[AudioFrame | SpeechEdge]:
        """The frame, with the edges that it makes certain."""
        heard: list[AudioFrame | SpeechEdge] = [frame]
        rate_hz = frame.rate_hz
        if frame.pcm != frame.format.silence(frame.samples):
            if not self._speaks:
                at_s = frame.at_sample / rate_hz
                heard.insert(0, SpeechStarted(at_sample=frame.at_sample, at_s=at_s, detected_s=at_s))
            self._speaks, self._spoke_to = True, frame.end_sample
        elif self._speaks and frame.end_sample - self._spoke_to >= _OWN_SILENCE_S * rate_hz:
            self._speaks = False
            at_s, now_s = self._spoke_to / rate_hz, frame.end_sample / rate_hz
            heard.append(SpeechEnded(at_sample=self._spoke_to, at_s=at_s, detected_s=now_s))
        return heard


class _ScriptedStream:
    """One session's recogniser."""

    rate_hz = SPEECH_FORMAT.rate_hz

    def __init__(self, owner: FakeStt) -> None:
        self._owner = owner
        self._hearing: _Hearing | None = None
        self._due = DueTranscripts()
        self._own_ear = _OwnEar() if owner.finds_edges else None
        self._told_edges = False

    async def send(self, item: AudioFrame | SpeechEdge) -> None:
        """Hear audio, or where speech begins and ends. Raises the error that the script gave before."""
        await self._due.check_alive()
        if not isinstance(item, AudioFrame):
            self._told_edges = isinstance(item, SpeechStarted)
        elif self._own_ear is not None and not self._told_edges:
            for heard in self._own_ear.hear(item):
                self._take(heard)
            return
        self._take(item)

    def _take(self, item: AudioFrame | SpeechEdge) -> None:
        match item:
            case AudioFrame():
                check_speech_format(item)
                self._hear(item)
            case SpeechStarted():
                script = self._owner.next_utterance()
                self._hearing = _Hearing(script=script, words=script.text.split(), started=item)
            case SpeechEnded():
                self._end(item)

    def hear(self, frame: AudioFrame) -> bool:
        """Hear audio, at once. Raises the error that the script gave before."""
        if self._own_ear is not None and not self._told_edges:
            return False
        self._due.raise_if_dead()
        check_speech_format(frame)
        self._hear(frame)
        return True

    async def expect(self, terms: tuple[str, ...]) -> None:
        """Note the terms. Raises the error that the script gave before."""
        await self._due.check_alive()
        self._owner.expected.append((trio.current_time(), terms))

    async def receive(self) -> Transcript:
        """The next transcript, at its moment. Raises the error of the script."""
        return await self._due.receive()

    def _hear(self, frame: AudioFrame) -> None:
        self._owner.frames += 1
        hearing = self._hearing
        if hearing is None:
            return
        if hearing.first_sample is None:
            hearing.first_sample = frame.at_sample
        hearing.samples += frame.samples
        hearing.end_sample = frame.end_sample
        script = hearing.script
        if script.word_s is None:
            return
        word_samples = script.word_s * self.rate_hz
        known = min(len(hearing.words), int((frame.end_sample - hearing.started.at_sample) / word_samples))
        if known > hearing.told:
            hearing.told = known
            interim = InterimTranscript(
                text=" ".join(hearing.words[:known]),
                start_sample=hearing.started.at_sample,
                end_sample=frame.end_sample,
            )
            self._due.schedule(trio.current_time() + script.interim_delay_s, interim)

    def _end(self, edge: SpeechEnded) -> None:
        hearing, self._hearing = self._hearing, None
        if hearing is None:
            return
        start_sample = hearing.started.at_sample
        self._owner.records.append(
            UtteranceRecord(
                start_sample=start_sample,
                end_sample=edge.at_sample,
                first_sample=hearing.first_sample,
                samples=hearing.samples,
                ended_s=trio.current_time(),
            )
        )
        script, now_s = hearing.script, trio.current_time()
        if script.error is not None:
            self._due.schedule(now_s + script.final_delay_s, script.error)
            return
        for delay_s, text in script.all_finals:
            final = FinalTranscript(text=text, start_sample=start_sample, end_sample=edge.at_sample)
            self._due.schedule(now_s + delay_s, final)
        if script.finals is None:  # a recogniser in order finishes one utterance before it speaks of the next
            self._due.keep_order(now_s + script.final_delay_s)
