"""The simulated caller's voice: what was said when, and a recogniser that understands it as the scenario says."""

from __future__ import annotations

import contextlib
import math
from collections.abc import AsyncGenerator, Callable
from typing import TYPE_CHECKING

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
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from trialogue.agents.testing._fake_stt import Utterance


@frozen(kw_only=True)
class Saying:
    """Something that the caller said, or a sound without words.

    Args:
        start_s, end_s: session time, seconds.
        text: the words.
        understood: what the recogniser makes of it.
    """

    start_s: float
    end_s: float
    text: str
    understood: Utterance


class CallerVoice:
    """All that a caller says, in the order of saying, and who listens."""

    def __init__(self) -> None:
        self.sayings: list[Saying] = []
        self.listeners: list[Callable[[Saying], None]] = []
        #: The session's beginning on Trio's clock; set when it begins.
        self.epoch_s = math.nan

    @property
    def now_s(self) -> float:
        """Session time, seconds."""
        return trio.current_time() - self.epoch_s

    def utter(self, saying: Saying) -> None:
        """Say something from now on. Synchronous."""
        self.sayings.append(saying)
        for listener in tuple(self.listeners):
            listener(saying)

    def between(self, start_s: float, end_s: float) -> list[Saying]:
        """What was said, at least in part, in a stretch of time."""
        return [each for each in self.sayings if each.start_s < end_s and each.end_s > start_s]


class CallerStt:
    """A recogniser that knows what the caller says. One call each.

    Args:
        voice: the caller's.
        final_delay_s: how long after the end of a sound without words it says so, seconds.
    """

    def __init__(self, voice: CallerVoice, *, final_delay_s: float) -> None:
        self.voice = voice
        self.final_delay_s = final_delay_s
        #: Errors that came already: a replaced recogniser understands what the one before it died of.
        self.died_of: set[Saying] = set()
        self._leases = Leases()

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[RecognitionStream, None]:
        """A recogniser for one session."""
        with self._leases.lease():
            stream = _CallerStream(self)
            self.voice.listeners.append(stream.overhear)
            try:
                yield stream
            finally:
                self.voice.listeners.remove(stream.overhear)

    def statistics(self) -> LeaseStatistics:
        """How often it was opened, and is now."""
        return self._leases.statistics()


class _CallerStream:
    """One session's recogniser: its transcripts wait in a heap for their moments."""

    rate_hz = SPEECH_FORMAT.rate_hz

    def __init__(self, owner: CallerStt) -> None:
        self._owner = owner
        self._voice = owner.voice
        self._started: SpeechStarted | None = None
        self._before: list[str] = []  # words of the stretch before the saying that is heard now
        self._due = DueTranscripts()

    async def send(self, item: AudioFrame | SpeechEdge) -> None:
        """Hear where speech begins and ends. Raises the error that the script gave before."""
        await self._due.check_alive()
        match item:
            case AudioFrame():
                check_speech_format(item)
            case SpeechStarted():
                self._started = item
                self._before = []
                for saying in self._voice.between(item.at_s, math.inf):
                    self.overhear(saying)
            case SpeechEnded():
                self._end(item)

    def hear(self, frame: AudioFrame) -> bool:
        """It goes by the script and not by the sound. Raises the error that the script gave before."""
        self._due.raise_if_dead()
        check_speech_format(frame)
        return True

    async def receive(self) -> Transcript:
        """The next transcript, at its moment. Raises the error of the script."""
        return await self._due.receive()

    def overhear(self, saying: Saying) -> None:
        """Something is said: if it is in speech, its words will be guessed one after another."""
        started, understood = self._started, saying.understood
        if started is None:
            return
        words = understood.text.split()
        for number in range(len(words) if understood.word_s is not None else 0):
            assert understood.word_s is not None
            over_s = min(saying.start_s + (number + 1) * understood.word_s, saying.end_s)
            guess = InterimTranscript(
                text=" ".join([*self._before, *words[: number + 1]]),
                start_sample=started.at_sample,
                end_sample=SPEECH_FORMAT.samples(over_s),
            )
            self._schedule(over_s + understood.interim_delay_s, guess)
        self._before += words

    def _end(self, edge: SpeechEnded) -> None:
        started, self._started = self._started, None
        if started is None:
            return
        now_s = self._voice.now_s
        said = self._voice.between(started.at_s, edge.at_s)
        fatal = next((each for each in said if each.understood.error and each not in self._owner.died_of), None)
        if fatal is not None and fatal.understood.error is not None:
            self._owner.died_of.add(fatal)
            self._schedule(now_s + fatal.understood.final_delay_s, fatal.understood.error)
            return
        finals = self._finals(said)
        if finals:
            self._due.drop_guesses(now_s + finals[-1][0] + self._voice.epoch_s)
        for delay_s, text in finals:
            final = FinalTranscript(text=text, start_sample=started.at_sample, end_sample=edge.at_sample)
            self._schedule(now_s + delay_s, final)

    def _finals(self, said: list[Saying]) -> list[tuple[float, str]]:
        """The finals of a stretch of speech: of one saying as its script has it, of several all in one."""
        if len(said) == 1:
            return sorted(said[0].understood.all_finals)
        delay_s = max((each.understood.final_delay_s for each in said), default=self._owner.final_delay_s)
        return [(delay_s, " ".join(each.understood.text for each in said if each.understood.text))]

    def _schedule(self, at_s: float, item: Transcript | ProviderError) -> None:
        self._due.schedule(at_s + self._voice.epoch_s, item)
