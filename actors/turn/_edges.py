"""Where speech begins and ends, by the voice-activity detector, by the recogniser's words, or by both. Pure.

A recogniser's edges are made from its transcripts: the first words begin an utterance, its final transcript ends it,
and the speech is taken to have ended where the recogniser had listened when it first knew all its words. So an
endpointing delay is counted from the same moment, whoever tells of it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, Literal

import attrs

from trialogue.actors.turn._facts import MicrophoneMuted, MicrophoneUnmuted, TurnInput
from trialogue.actors.turn._words import words_of
from trialogue.frames import SPEECH_FORMAT, FinalTranscript, InterimTranscript, SpeechEnded, SpeechStarted, Transcript
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from trialogue.actors.turn._settings import TurnSettings

_RATE_HZ: Final = SPEECH_FORMAT.rate_hz

#: What the policy is to take in, and the source after that.
Heard = tuple[tuple[TurnInput, ...], "EdgeSource"]


@frozen(kw_only=True)
class EdgeSource:
    """Lets through, or makes, the edges that count. Immutable: what it hears gives a new one.

    Args:
        by: who says where speech begins and ends.
        patience_s: an utterance that words have begun is over when nothing was heard of it for so long, seconds.
        voice: whether the detector hears a voice, whatever becomes of it.
        muted: whether nothing counts.
        deaf: what was said from the first of these samples on and before the second does not count.
        closed_to: what began before this sample is over, or was given up.
        words: those of the utterance that goes on, and `words_to`, where the recogniser had listened when it knew them.
        told_s: when the recogniser has last told of it, session time, seconds.
    """

    by: Literal["vad", "stt", "both"] = "vad"
    patience_s: float = 3.0
    voice: bool = False
    muted: bool = False
    deaf: tuple[float, float] = (math.inf, math.inf)
    closed_to: float = -1
    words: tuple[str, ...] = ()
    words_to: int = 0
    told_s: float = math.inf

    @property
    def due_s(self) -> float:
        """When an utterance that words have begun is over because nothing more is heard of it; infinite if never."""
        waits = self.by == "stt" or not self.voice  # else the detector tells of its end
        return self.told_s + self.patience_s if waits else math.inf

    def take(self, fact: TurnInput, now_s: float, *, speaking: bool) -> Heard:
        """Hear something.

        Args:
            fact: anything that the policy is told.
            now_s: session time, seconds.
            speaking: whether an utterance goes on, as far as the policy knows.

        Returns:
            What the policy is to take in, in order.
        """
        match fact:
            case SpeechStarted():
                return self._voice_began(fact, speaking=speaking)
            case SpeechEnded():
                return self._voice_ended(fact, speaking=speaking)
            case InterimTranscript() | FinalTranscript():
                return self._words_came(fact, now_s, speaking=speaking)
            case MicrophoneMuted():
                from_sample = self.deaf[0] if self.muted else fact.at_s * _RATE_HZ
                return (fact,), attrs.evolve(self.gave_up(fact.at_s), muted=True, deaf=(from_sample, math.inf))
            case MicrophoneUnmuted():
                return (fact,), attrs.evolve(self, muted=False, deaf=(self.deaf[0], fact.at_s * _RATE_HZ))
            case _:
                return (fact,), self

    def told_by(self, settings: TurnSettings, told_s: float) -> EdgeSource:
        """The same by other settings.

        Args:
            settings: say who tells of edges, and how long words may take.
            told_s: when it was last told of an utterance that goes on, session time, seconds: now, since whoever told
                of its beginning may tell of nothing any more; infinite where none goes on.
        """
        patience_s = settings.endpointing.transcript_deadline_s
        return attrs.evolve(self, by=settings.edges, patience_s=patience_s, told_s=told_s)

    def gave_up(self, at_s: float) -> EdgeSource:
        """The utterance that goes on counts no further: what is still heard of it goes nowhere."""
        return self._closed(round(at_s * _RATE_HZ))

    def lost(self, now_s: float) -> Heard:
        """Nothing more is heard of an utterance that words have begun: it ended with them."""
        return (self._ended(self.words_to, now_s),), self._closed(self.words_to)

    def _voice_began(self, edge: SpeechStarted, *, speaking: bool) -> Heard:
        hears = attrs.evolve(self, voice=True)
        if self.muted or self.by == "stt" or (self.by == "both" and speaking):
            return (), hears
        return (edge,), hears

    def _voice_ended(self, edge: SpeechEnded, *, speaking: bool) -> Heard:
        silent = attrs.evolve(self, voice=False)
        if self.by == "stt" or (self.voice and not speaking):  # of speech that did not count, or not any more
            return (), silent
        return (edge,), attrs.evolve(silent._closed(edge.at_sample), voice=False)

    def _words_came(self, transcript: Transcript, now_s: float, *, speaking: bool) -> Heard:
        if self.deaf[0] <= transcript.start_sample < self.deaf[1]:
            return (), self
        if self.by == "vad" or transcript.start_sample < self.closed_to:  # late words of what is over
            return (transcript,), self
        words = tuple(words_of(transcript.text))
        if not speaking and not words:
            return (transcript,), self
        facts: list[TurnInput] = []
        if not speaking:
            at_s = transcript.start_sample / _RATE_HZ
            facts.append(SpeechStarted(at_sample=transcript.start_sample, at_s=at_s, detected_s=max(at_s, now_s)))
        words_to = self.words_to if words == self.words else transcript.end_sample
        if isinstance(transcript, FinalTranscript):
            if words or self.by == "stt" or not self.voice:
                return (*facts, self._ended(words_to, now_s), transcript), self._closed(transcript.end_sample)
            return (*facts, transcript), self  # the voice that goes on has said nothing so far
        facts.append(transcript)
        return tuple(facts), attrs.evolve(self, words=words, words_to=words_to, told_s=now_s)

    def _closed(self, sample: int) -> EdgeSource:
        return attrs.evolve(self, closed_to=max(self.closed_to, sample), words=(), words_to=0, told_s=math.inf)

    @staticmethod
    def _ended(sample: int, now_s: float) -> SpeechEnded:
        return SpeechEnded(at_sample=sample, at_s=sample / _RATE_HZ, detected_s=max(now_s, sample / _RATE_HZ))
