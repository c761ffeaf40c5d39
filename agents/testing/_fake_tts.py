"""A voice whose sound is a constant level: its length, its delays and the places of its words are exact."""

from __future__ import annotations

import contextlib
import functools
import math
import re
from array import array
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Self

import attrs
import trio

from trialogue.agents.testing._leases import Leases, LeaseStatistics, StreamEnd, note_the_end, sleep_until
from trialogue.engine import Voice
from trialogue.frames import SPEECH_FORMAT, AudioFormat, SpeechAudio, WordTiming
from trialogue.frames._attrs import define, frozen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager
    from types import TracebackType

    from trialogue.engine import Pacer, ProviderError
    from trialogue.frames import Delivery, DeliveryMark

_WORD: Final = re.compile(r"\S+")


@frozen(kw_only=True)
class Speech:
    """How a sentence sounds, and when.

    Args:
        first_audio_s: its first sound comes so long after the text, seconds.
        sentence_s: length of the sound, seconds; 0 makes none.
        word_s: instead, the length of each word, seconds.
        words: whether the voice says where each word begins; they share the sound evenly.
        speed: how many times faster than it is heard the sound comes; infinite brings all at once.
        dies_after_s: so much sound comes, then `error`; seconds.
        error: what then comes.
    """

    first_audio_s: float = 0.05
    sentence_s: float = 0.25
    word_s: float | None = None
    words: bool = True
    speed: float = math.inf
    dies_after_s: float = math.inf
    error: ProviderError | None = None

    def length_s(self, words: int) -> float:
        """Length of the sound of a sentence with so many words, seconds."""
        return self.sentence_s if self.word_s is None else self.word_s * words


@define(kw_only=True, eq=False)
class SpeechRecord:
    """How a sentence was spoken. Times on Trio's clock.

    Args:
        text: what was asked for.
        asked_s: when.
        level: the value of its samples.
        marks: how parts of it were to be said.
    """

    text: str
    asked_s: float
    level: int
    marks: tuple[DeliveryMark, ...] = ()
    #: When its first sound was handed over; None if none was.
    first_audio_s: float | None = None
    #: How much sound was handed over, samples.
    samples: int = 0
    #: When and how it ended.
    ended_s: float | None = None
    end: StreamEnd | None = None


@define(kw_only=True, eq=False)
class FakeTts:
    """Speaks in constant levels.

    Args:
        every: how sentences sound.
        exceptions: how single ones sound instead, by number from 0 in the order of speaking.
        levels: values of the samples; each sentence takes the next one, over and over, so a test can tell them apart.
        format: mono int16.
        frame_s: length of a piece of sound, seconds.
        error: what opening it raises.
        understands: how it can be told to say something; it notes that, and sounds the same.
        pacer: times the sound of many sessions in one task, which somebody else runs; None sets a timer for each.
    """

    every: Speech = attrs.Factory(Speech)
    exceptions: Mapping[int, Speech] = attrs.Factory(dict)
    levels: Sequence[int] = (500,)
    format: AudioFormat = SPEECH_FORMAT
    frame_s: float = 0.02
    error: ProviderError | None = None
    understands: frozenset[Delivery] = frozenset()
    pacer: Pacer | None = None
    #: The sentences of all sessions, in order.
    records: list[SpeechRecord] = attrs.field(factory=list, init=False)
    _leases: Leases = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._leases = Leases(error=self.error)

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[Voice, None]:
        """A voice for one session. Raises the error that was set."""
        with self._leases.lease():
            yield _LevelVoice(self)

    def statistics(self) -> LeaseStatistics:
        """How often it was opened, and is now."""
        return self._leases.statistics()


class _LevelVoice:
    """One session's voice."""

    def __init__(self, owner: FakeTts) -> None:
        self._owner = owner
        self.format = owner.format
        self.understands = owner.understands

    def speak(self, text: str) -> AbstractAsyncContextManager[AsyncIterator[SpeechAudio]]:
        """Speak one sentence."""
        return _SpeechStream(self._owner, text)

    def speak_marked(
        self, text: str, marks: Sequence[DeliveryMark]
    ) -> AbstractAsyncContextManager[AsyncIterator[SpeechAudio]]:
        """Speak one sentence, and note how it was to be said."""
        return _SpeechStream(self._owner, text, tuple(marks))


class _SpeechStream:
    """The sound of one sentence, piece by piece, on its schedule."""

    def __init__(self, owner: FakeTts, text: str, marks: tuple[DeliveryMark, ...] = ()) -> None:
        number = len(owner.records)
        level = owner.levels[number % len(owner.levels)]
        self._record = record = SpeechRecord(text=text, asked_s=trio.current_time(), level=level, marks=marks)
        owner.records.append(record)
        self._speech = speech = owner.exceptions.get(number, owner.every)
        self._pacer = owner.pacer
        self._rate_hz = owner.format.rate_hz
        self._sound = _sound_of(text, speech, owner.format, owner.format.samples(owner.frame_s), level)
        self._next = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        note_the_end(self._record, error)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> SpeechAudio:
        record, speech, number = self._record, self._speech, self._next
        if number == 0 or speech.speed != math.inf:
            due_s = record.asked_s + speech.first_audio_s + record.samples / self._rate_hz / speech.speed
            await sleep_until(due_s, self._pacer)
        if number == len(self._sound.pieces):
            self._end()
        if number == 0:
            record.first_audio_s = trio.current_time()
        self._next = number + 1
        piece = self._sound.pieces[number]
        record.samples += len(piece.pcm) // 2
        return piece

    def _end(self) -> None:
        if self._speech.error is not None and not self._sound.is_whole:
            self._record.end = "failed"
            raise self._speech.error
        self._record.end = "complete"
        raise StopAsyncIteration


@frozen(kw_only=True)
class _Sound:
    """The sound of a sentence.

    Args:
        pieces: as they come.
        is_whole: whether they reach to the sentence's end.
    """

    pieces: tuple[SpeechAudio, ...]
    is_whole: bool


@functools.lru_cache(maxsize=64)
def _sound_of(text: str, speech: Speech, format: AudioFormat, piece_samples: int, level: int) -> _Sound:
    """The sound of a sentence; what is the same is made once, whoever speaks it."""
    spans = [match.span() for match in _WORD.finditer(text)]
    whole = format.samples(speech.length_s(len(spans)))
    until = min(whole, format.samples(min(speech.dies_after_s, 3600.0)))
    words = _places(spans, whole) if speech.words and whole else []
    pieces: list[SpeechAudio] = []
    for at in range(0, until, piece_samples):
        end = min(at + piece_samples, until)
        begun = tuple(word for word in words if at <= word.at_sample < end)
        pieces.append(SpeechAudio(pcm=_level(level, end - at), format=format, words=begun))
    return _Sound(pieces=tuple(pieces), is_whole=until >= whole)


def _places(spans: Sequence[tuple[int, int]], samples: int) -> list[WordTiming]:
    return [
        WordTiming(at_sample=number * samples // len(spans), start=start, end=end)
        for number, (start, end) in enumerate(spans)
    ]


@functools.lru_cache(maxsize=64)
def _level(value: int, samples: int) -> bytes:
    return array("h", [value]).tobytes() * samples
