"""What the user has said and nobody has answered: its utterances and their words. Pure."""

from __future__ import annotations

import math
import re
from typing import Final

import attrs

from trialogue.actors.turn._words import without_words, words_of
from trialogue.frames import SPEECH_FORMAT, FinalTranscript, SpeechEnded, SpeechStarted, Transcript
from trialogue.frames._attrs import define

#: Speech that goes on for longer than this after its last final words holds words that are still to come, seconds; what
#: is shorter may be the breath after them.
_UNCOVERED_S: Final = 0.4

#: Between one sentence and the next.
_SENTENCE_END: Final = re.compile(r"(?<=[.!?…])\s+")


def question_in(heard: str, *, goes_on: bool = False) -> str:
    """The question that a reply ends with; empty if it ends with none.

    Args:
        heard: what was heard of the reply.
        goes_on: whether there is more to come; then a sentence that has only begun does not count.
    """
    *before, last = _SENTENCE_END.split(heard.strip())
    if goes_on and before and not last.endswith((".", "!", "?", "…")):
        last = before[-1]
    return last if last.endswith("?") else ""


def same_words(one: str, other: str) -> bool:
    """Whether two texts say the same, whatever their case and punctuation."""
    return words_of(one) == words_of(other)


def end_at(at_s: float) -> SpeechEnded:
    """The end of speech that is taken to end at a moment, session time, seconds."""
    return SpeechEnded(at_sample=round(at_s * SPEECH_FORMAT.rate_hz), at_s=at_s, detected_s=at_s)


@define(kw_only=True)
class Utterance:
    """A stretch of speech, with what is known of its words.

    Args:
        started_s, ended_s: when, session time, seconds; the end is infinite while it goes on.
        start_sample, end_sample: the same on the microphone's sample count.
        over_agent: whether it was begun while the agent was heard.
        guarded: whether it was said while nothing could stop the agent.
        text: all its words so far.
        settled: those of them that are final.
        final_s: when the last final words came, session time, seconds.
        final_to: up to where the recogniser had listened for them, samples.
        confidence: how sure it is of the words; None where it does not say.
        answered: the words of the same speech that were in the turn before, and those of them that were final.
    """

    started_s: float
    start_sample: int
    over_agent: bool = False
    ended_s: float = math.inf
    end_sample: float = math.inf
    guarded: bool = False
    text: str = ""
    settled: str = ""
    final_s: float | None = None
    final_to: int = -1
    confidence: float | None = None
    answered: tuple[str, str] = ("", "")

    @property
    def over(self) -> bool:
        """Whether its speech has ended."""
        return self.ended_s < math.inf

    @property
    def complete(self) -> bool:
        """Whether all its words are final, as far as anybody can tell."""
        if self.final_s is None or self.text != self.settled:
            return False
        return self.over and self.end_sample - self.final_to < _UNCOVERED_S * SPEECH_FORMAT.rate_hz

    def hear(self, transcript: Transcript, now_s: float) -> bool:
        """Take in words; False if they are old or a repetition.

        Finals may come in parts, or once more. Where one begins with the words before, it replaces them.
        """
        final = isinstance(transcript, FinalTranscript)
        text = self._unanswered_in(transcript)
        known, new = words_of(self.settled), words_of(text)
        repeated = transcript.end_sample <= self.final_to and known[len(known) - len(new) :] == new
        if self.final_s is not None and (repeated or (not final and transcript.end_sample <= self.final_to)):
            return False
        cumulative = not known or new[: len(known)] == known
        self.text = text if cumulative else f"{self.settled} {text}".strip()
        self.confidence = transcript.confidence
        if final:
            self.settled = self.text
            self.final_s = now_s
            self.final_to = max(self.final_to, transcript.end_sample)
            self.answered = (self.answered[0], self.answered[0])
        return True

    def going_on(self) -> Utterance:
        """What follows in the same breath, once all of this is answered."""
        (answered, final), words = self.answered, (self.text, self.settled)
        answered, final = (f"{before} {here}".strip() for before, here in zip((answered, final), words, strict=True))
        return Utterance(started_s=self.ended_s, start_sample=int(self.end_sample), answered=(answered, final))

    def _unanswered_in(self, transcript: Transcript) -> str:
        """The text of a transcript, but for words that are answered: a recogniser tells those again."""
        if transcript.start_sample >= self.start_sample:
            return transcript.text
        answered, final = (words_of(each) for each in self.answered)
        whole = words_of(transcript.text)[: len(final)] == final
        return without_words(transcript.text, len(answered) - (0 if whole else len(final)))


@define
class UserTurn:
    """The turn that the user is in, and what was said just before it.

    Args:
        utterances: those of the turn, oldest first.
        unanswered: the turn that was committed, while nothing of its answer was heard.
        earlier: that turn, once its answer was given up because the user went on: the beginning of this one.
        asked: the question that the user has heard last.
        finished: the probability that the turn is over, by its words.
        sounds_finished: the same, by its sound.
        closed_s: when the program has said that it is over, session time, seconds; infinite while it has not.
    """

    utterances: list[Utterance] = attrs.Factory(list)
    unanswered: str = ""
    earlier: str = ""
    asked: str = ""
    finished: float = 1.0
    sounds_finished: float = 1.0
    closed_s: float = math.inf

    @property
    def closed(self) -> list[Utterance]:
        """The utterances that were begun before the program has said that it is over."""
        return [each for each in self.utterances if each.started_s <= self.closed_s]

    @property
    def last(self) -> Utterance | None:
        """The utterance that goes on, or was the last."""
        return self.utterances[-1] if self.utterances else None

    @property
    def new_text(self) -> str:
        """What was said in it."""
        return " ".join(each.text for each in self.utterances if each.text)

    @property
    def text(self) -> str:
        """The same, with the earlier turn that it goes on with."""
        return f"{self.earlier} {self.new_text}".strip()

    @property
    def ended_s(self) -> float:
        """When its last speech ended, session time, seconds."""
        return self.utterances[-1].ended_s if self.utterances else -math.inf

    @property
    def words_final_s(self) -> float | None:
        """When its last words were final; None where they are not."""
        if not self.utterances or not self.utterances[-1].complete:
            return None
        return max(each.final_s for each in self.utterances if each.final_s is not None)

    def take_the_floor(self) -> None:
        """It has stopped the agent. So it is no sign of listening, whatever its words: it has to be answered."""
        for utterance in self.utterances:
            utterance.over_agent = False

    def begin(self, edge: SpeechStarted, *, over_agent: bool) -> Utterance:
        """An utterance begins."""
        utterance = Utterance(started_s=edge.at_s, start_sample=edge.at_sample, over_agent=over_agent)
        self.utterances.append(utterance)
        self.sounds_finished = 1.0
        return utterance

    def end(self, edge: SpeechEnded) -> Utterance:
        """The utterance that goes on is over."""
        utterance = self.utterances[-1]
        utterance.ended_s = max(edge.at_s, utterance.started_s)
        utterance.end_sample = max(edge.at_sample, utterance.start_sample)
        if utterance.ended_s == utterance.started_s and utterance.answered[0]:  # it had ended before it could go on
            utterance.final_s, utterance.final_to = utterance.ended_s, utterance.start_sample
        return utterance

    def cut(self, at_s: float) -> Utterance:
        """The utterance that goes on ends here, as far as anybody is concerned."""
        return self.end(end_at(at_s))

    def close(self, at_s: float) -> None:
        """The program says that it is over; the first time counts, until something more is said."""
        if self.utterances and (self.closed_s == math.inf or len(self.closed) < len(self.utterances)):
            self.closed_s = max(at_s, self.utterances[-1].started_s)

    def part_from_rest(self, now_s: float) -> list[Utterance]:
        """Where the program has said that it is over, it ends there, or now if its speaker goes on.

        Returns:
            What was said after that, or still is.
        """
        closed = self.closed
        rest = self.utterances[len(closed) :]
        if closed and not closed[-1].over:
            rest = [self.cut(now_s).going_on()]
        self.utterances = closed
        return rest

    def hear(self, transcript: Transcript, now_s: float) -> Utterance | None:
        """Take in words.

        Returns:
            The utterance to which they belong, also where the next one has begun already; None if they are of none, or
            nothing new.
        """
        for utterance in reversed(self.utterances):
            if utterance.start_sample < transcript.end_sample and transcript.start_sample < utterance.end_sample:
                return utterance if utterance.hear(transcript, now_s) else None
        return None

    def forget(self) -> None:
        """What was said in it is dealt with."""
        self.utterances.clear()
        self.closed_s = math.inf
        self.finished = self.sounds_finished = 1.0

    def reopen(self) -> None:
        """The answer to the last turn was given up before anything of it was heard: it goes on."""
        if self.unanswered:
            self.earlier, self.unanswered = self.unanswered, ""

    def commit(self) -> None:
        """It is to be answered."""
        self.unanswered, self.earlier = self.text, ""
        self.forget()
