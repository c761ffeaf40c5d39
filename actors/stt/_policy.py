"""What a recogniser was told, and must be told again after it was replaced. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

import attrs

from trialogue.engine import ConfigurationError
from trialogue.frames import AudioFrame, FinalTranscript, SpeechEdge, SpeechEnded, SpeechStarted, Transcript
from trialogue.frames._attrs import frozen

Heard = AudioFrame | SpeechEdge


def _terms(terms: Iterable[str]) -> tuple[str, ...]:
    return (terms,) if isinstance(terms, str) else tuple(terms)


@frozen(kw_only=True)
class SttSettings:
    """How a recogniser is treated.

    Args:
        replay_s: how much of the speech that is not understood yet is kept for a recogniser that replaces one that
            failed, seconds.
        silence_s: when there is no word of an utterance so long after its end, the recogniser counts as failed, once;
            when the one that replaces it is as silent, there were no words. Seconds; below
            EndpointingSettings.transcript_deadline_s, so that the replacement is still in time.
        keyterms: names, products, words of a trade that the user may say, for recognisers that can be told what to
            expect; those of the agent come in addition.
    """

    replay_s: float = 30.0
    silence_s: float = 2.0
    keyterms: tuple[str, ...] = attrs.field(default=(), converter=_terms)

    def __attrs_post_init__(self) -> None:
        if self.silence_s <= 0:
            raise ConfigurationError(f"speech to text needs silence_s > 0, not {self.silence_s} s")
        if self.replay_s < 0:
            raise ConfigurationError(f"speech to text needs replay_s >= 0, not {self.replay_s} s")


class Hearing:
    """The replay ring of one session. It outlives the recogniser.

    Args:
        settings: how much is kept.
        keyterms: which terms to expect from now on; None: those of the settings.
        understood: what is to be taken for the text of a transcript; it must not raise. None: just that.
    """

    __slots__ = (
        "_ends",
        "_keyterms",
        "_transcribed_to",
        "_understood",
        "_unfinished",
        "_unfinished_s",
        "_was_replaced",
        "settings",
    )

    def __init__(
        self,
        settings: SttSettings,
        keyterms: Callable[[], tuple[str, ...]] | None = None,
        understood: Callable[[str], str] | None = None,
    ) -> None:
        self.settings = settings
        self._keyterms = keyterms or (lambda: self.settings.keyterms)
        self._understood = understood
        self._unfinished: deque[Heard] = deque()  # told to the recogniser, and not understood yet
        self._unfinished_s = 0.0
        self._ends = 0  # of utterances, among it
        self._transcribed_to = 0  # up to where there were words, or word that there are none
        self._was_replaced = False  # for its silence; since something new was told

    @property
    def keyterms(self) -> tuple[str, ...]:
        """Which terms the recogniser is to expect from the next utterance on."""
        return self._keyterms()

    def tell(self, item: Heard) -> None:
        """The recogniser is about to be told this."""
        self._unfinished.append(item)
        if isinstance(item, AudioFrame):
            self._unfinished_s += item.duration_s
            while self._unfinished_s > self.settings.replay_s:
                self._forget_oldest_sound()
        elif isinstance(item, SpeechEnded):
            self._ends += 1

    def taken_for(self, transcript: Transcript) -> Transcript:
        """What is to be passed on of something that the recogniser has said."""
        if self._understood is None:
            return transcript
        text = self._understood(transcript.text)
        return transcript if text == transcript.text else attrs.evolve(transcript, text=text)

    def transcribed(self, transcript: Transcript) -> None:
        """What the recogniser has said was passed on: forget what a final transcript has settled.

        That is each utterance that began before its end; of one that still goes on, what was said so far.
        """
        if transcript.end_sample > self._transcribed_to or isinstance(transcript, FinalTranscript):
            self._was_replaced = False  # else it only tells again what the one before it has told
        self._transcribed_to = max(self._transcribed_to, transcript.end_sample)
        unfinished = self._unfinished
        if isinstance(transcript, FinalTranscript):
            self._forget_loose_sound_before(transcript.end_sample)
        while (
            isinstance(transcript, FinalTranscript)
            and unfinished
            and isinstance(begin := unfinished[0], SpeechStarted)
            and begin.at_sample < transcript.end_sample
        ):
            if not self._ends:
                self._forget_sound_before(transcript.end_sample)
                return
            self._forget_utterance()

    def is_deaf(self, end: SpeechEnded) -> bool:
        """Whether the recogniser should be replaced because it has said nothing of the utterance that ended there.

        Asked when it has had enough time. The utterance is forgotten where a replacement was as silent.
        """
        told = list(self._unfinished)
        if end not in told:
            return False
        begins = (item for item in reversed(told[: told.index(end)]) if isinstance(item, SpeechStarted))
        begin = next(begins, None)
        if begin is None or self._transcribed_to > begin.at_sample:
            return False
        if self._was_replaced:
            while self._forget_utterance() != end:
                pass
            return False
        self._was_replaced = True
        return True

    def replay(self) -> list[Heard]:
        """What a new recogniser must be told to know what the one before it did not finish."""
        return list(self._unfinished)

    def _forget_oldest(self) -> Heard:
        item = self._unfinished.popleft()
        if isinstance(item, AudioFrame):
            self._unfinished_s -= item.duration_s
        elif isinstance(item, SpeechEnded):
            self._ends -= 1
        return item

    def _forget_utterance(self) -> SpeechEnded:
        """Forget the oldest one, which is over."""
        last = self._unfinished[-1]
        if self._ends == 1 and isinstance(last, SpeechEnded):  # nearly always; the turn is judged only after this
            self._unfinished.clear()
            self._unfinished_s, self._ends = 0.0, 0
            return last
        while not isinstance(item := self._forget_oldest(), SpeechEnded):
            pass
        return item

    def _forget_oldest_sound(self) -> None:
        """Make room, but keep the edge with which the utterance began, unless nothing of it is left."""
        oldest = self._forget_oldest()
        if isinstance(oldest, SpeechStarted) and isinstance(self._forget_oldest(), AudioFrame):
            self._unfinished.appendleft(oldest)

    def _forget_loose_sound_before(self, sample: int) -> None:
        """Forget what was understood of sound in which nobody but the recogniser finds utterances."""
        while self._unfinished and isinstance(frame := self._unfinished[0], AudioFrame) and frame.end_sample <= sample:
            self._forget_oldest()

    def _forget_sound_before(self, sample: int) -> None:
        """Forget the beginning of the utterance that goes on, but keep its edge."""
        edge = self._forget_oldest()
        while self._unfinished and isinstance(frame := self._unfinished[0], AudioFrame) and frame.end_sample <= sample:
            self._forget_oldest()
        self._unfinished.appendleft(edge)
