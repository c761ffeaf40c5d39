"""Who has the floor: the turn-taking policy. Pure: frames and times in, decisions out; it reads no clock.

Theory of operation. Two machines run side by side. The *user* listens, speaks, or has maybe finished; the *agent* is
idle, thinks (a reply was started, nothing is heard of it yet) or speaks. The tables below hold every pair of state and
input that may occur; another pair is a bug and raises before anything changes.

All times are session seconds, counted from the microphone's first sample, so a decision depends on when something was
said and not on when its news arrived. A turn is committed when its speech has been over for the endpointing delay and
its words are in; a judge of those words, and news of one that listens, move the delay between its two bounds. While the
agent speaks, speech takes the floor once it is long enough and has enough words that are not mere signs of listening.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Final

import attrs

from trialogue.actors.turn._decisions import CommitTurn, IgnoreSpeech, InterruptReply, TurnDecision
from trialogue.actors.turn._detector import TextTurnDetector
from trialogue.actors.turn._facts import ReplyEnded, ReplyStarted, TurnInput, TurnJudged
from trialogue.actors.turn._settings import TurnSettings
from trialogue.actors.turn._states import AgentState, UserState
from trialogue.actors.turn._words import claim_of, is_backchannel, words_of
from trialogue.engine import PolicyError, TurnJudge, TurnSoFar
from trialogue.frames import (
    FinalTranscript,
    InterimTranscript,
    PlayoutFinished,
    PlayoutStarted,
    SpeechEnded,
    SpeechStarted,
    Transcript,
)


@attrs.define(kw_only=True)
class _Utterance:
    """A stretch of speech in a turn, with what is known of its words."""

    started_s: float
    start_sample: int
    ended_s: float = math.inf
    text: str = ""
    final_s: float | None = None  # when its words were final
    finished: float = 1.0  # the probability that the turn is over with it, by its words
    sounds_finished: float = 1.0  # the same, by its sound

    @property
    def final(self) -> bool:
        return self.final_s is not None

    @property
    def interim(self) -> str:
        """Its words, while they may still change."""
        return "" if self.final else self.text


class TurnPolicy:
    """The state of one conversation's floor.

    Use: `on_frame` for each input in order of arrival, `on_time` when `deadline` has come. Both give decisions, in
    the order in which they are to be carried out.

    Args:
        settings: see there.
        judge: says by its words whether a turn is over; it must be pure and quick.
    """

    def __init__(self, settings: TurnSettings | None = None, judge: TurnJudge | None = None) -> None:
        self._settings = settings or TurnSettings()
        self._judge = judge or TextTurnDetector()
        self.user = UserState.LISTENING
        self.agent = AgentState.IDLE
        self._reply_id: str | None = None
        self._utterance: _Utterance | None = None
        self._before: list[_Utterance] = []  # of the same turn
        self._unanswered = ""  # the turn whose answer is still being thought
        self._earlier = ""  # that turn, once the user has gone on
        self._asked = ""  # the question that the user has heard last

    @property
    def deadline(self) -> float | None:
        """When to call `on_time`, session time in seconds; None while nothing is awaited."""
        utterance = self._utterance
        if utterance is None:
            return None
        if self.user is UserState.MAYBE_FINISHED:
            waited_s = (
                self._silence_s(utterance) if utterance.final else self._settings.endpointing.transcript_deadline_s
            )
            unknown = [each for each in self._before if not each.final and not each.text]
            return max(
                [
                    utterance.ended_s + waited_s,
                    *(each.ended_s + self._settings.endpointing.transcript_deadline_s for each in unknown),
                ]
            )
        if self.user is UserState.SPEAKING and self._may_interrupt(utterance.interim):
            return utterance.started_s + self._settings.interruption.min_speech_s
        return None

    def on_frame(self, frame: TurnInput, now_s: float) -> list[TurnDecision]:
        """Take in a fact.

        Args:
            frame: the fact.
            now_s: session time, seconds.

        Raises:
            PolicyError: the state does not allow it; nothing was changed.
        """
        handler = USER_TABLE.get((self.user, type(frame))) or AGENT_TABLE.get((self.agent, type(frame)))
        if handler is None:
            raise PolicyError(
                f"{type(frame).__name__} cannot happen while the user is {self.user.name} and the agent "
                f"{self.agent.name}"
            )
        return handler(self, frame, now_s)

    def on_time(self, now_s: float) -> list[TurnDecision]:
        """Tell the time; does what is due."""
        deadline = self.deadline
        if deadline is None or now_s < deadline:
            return []
        if self.user is UserState.SPEAKING:
            return self._interrupt_if_due(now_s)
        return self._end_turn(now_s)

    # -- the user

    def _begin_speech(self, frame: SpeechStarted, now_s: float) -> list[TurnDecision]:
        del now_s
        self.user = UserState.SPEAKING
        if self._utterance is not None:
            self._before.append(self._utterance)
        self._utterance = _Utterance(started_s=frame.at_s, start_sample=frame.at_sample)
        return []

    def _end_speech(self, frame: SpeechEnded, now_s: float) -> list[TurnDecision]:
        del now_s
        self.user = UserState.MAYBE_FINISHED
        assert self._utterance is not None
        self._utterance.ended_s = frame.at_s
        return []

    def _hear_interim(self, frame: InterimTranscript, now_s: float) -> list[TurnDecision]:
        utterance = self._utterance_of(frame)
        if utterance is None or utterance.final:
            return []
        utterance.text = frame.text
        return self._interrupt_if_due(now_s)

    def _hear_final(self, frame: FinalTranscript, now_s: float) -> list[TurnDecision]:
        utterance = self._utterance_of(frame)
        if utterance is None or utterance.final:
            return []  # of an utterance that was answered already, or the same again
        utterance.text = frame.text
        decisions = self._interrupt_if_due(now_s)
        utterance.final_s = now_s
        self._judge_words()
        return decisions

    def _hear_judgement(self, frame: TurnJudged, now_s: float) -> list[TurnDecision]:
        del now_s
        assert self._utterance is not None
        if frame.speech_ended_s >= self._utterance.ended_s:
            self._utterance.sounds_finished = frame.probability
        return []

    def _judge_words(self) -> None:
        """See by all words of the turn whether it may be over."""
        utterance = self._utterance
        if utterance is None or not utterance.final:
            return
        text = f"{self._earlier} {self._text()}".strip()
        so_far = TurnSoFar(text=text, language=self._settings.language, asked=self._asked)
        utterance.finished = self._judge.probability(so_far) if words_of(text) else 1.0

    def _silence_s(self, utterance: _Utterance) -> float:
        """How much silence ends the turn: whoever doubts that it is over, words or sound, makes it longer."""
        return self._settings.endpointing.delay_s(min(utterance.finished, utterance.sounds_finished))

    def _text(self) -> str:
        """What the user has said in this turn."""
        utterances = self._before if self._utterance is None else [*self._before, self._utterance]
        return " ".join(each.text for each in utterances if each.text)

    def _utterance_of(self, frame: Transcript) -> _Utterance | None:
        """The utterance of this turn to which the words belong; they may come after the next one has begun."""
        utterances = self._before if self._utterance is None else [*self._before, self._utterance]
        return next((each for each in reversed(utterances) if frame.end_sample > each.start_sample), None)

    def _ignore_late(self, frame: object, now_s: float) -> list[TurnDecision]:
        """A transcript of a turn that was committed without it, or of speech that was ignored."""
        del frame, now_s
        return []

    # -- the agent

    def _begin_thinking(self, frame: ReplyStarted, now_s: float) -> list[TurnDecision]:
        del now_s
        self.agent = AgentState.THINKING
        self._reply_id = frame.reply_id
        return []

    def _begin_speaking(self, frame: PlayoutStarted, now_s: float) -> list[TurnDecision]:
        if frame.reply_id != self._reply_id:
            return []
        self.agent = AgentState.SPEAKING
        self._unanswered = self._asked = ""
        return self._interrupt_if_due(now_s)

    def _end_reply(self, frame: ReplyEnded | PlayoutFinished, now_s: float) -> list[TurnDecision]:
        del now_s
        if isinstance(frame, ReplyEnded) and frame.heard:
            self._asked = question_in(frame.heard)
        if frame.reply_id == self._reply_id:
            self.agent = AgentState.IDLE
            self._reply_id = None
            self._unanswered = ""
        return []

    # -- decisions

    def _may_interrupt(self, text: str) -> bool:
        """Whether these words would take the floor from the agent as it is now."""
        language = self._settings.language
        if self.agent is AgentState.IDLE:
            return False
        if self.agent is AgentState.THINKING:
            return not is_backchannel(text, language)
        return claim_of(text, "speaking", language, self._settings.interruption.min_words) == "interruption"

    def _interrupt_if_due(self, now_s: float) -> list[TurnDecision]:
        utterance = self._utterance
        if utterance is None or not self._may_interrupt(utterance.interim):
            return []
        if (
            min(now_s, utterance.ended_s) < utterance.started_s + self._settings.interruption.min_speech_s
        ):  # as `deadline`
            return []
        return [self._interrupt(utterance, now_s)]

    def _interrupt(self, utterance: _Utterance, now_s: float) -> InterruptReply:
        reason = "user went on" if self.agent is AgentState.THINKING else "barge-in"
        if self._unanswered:  # its answer was never heard: it belongs to the turn that goes on
            self._earlier, self._unanswered = self._unanswered, ""
        self.agent = AgentState.IDLE
        self._reply_id = None
        return InterruptReply(reason=reason, speech_started_s=utterance.started_s, decided_s=now_s)

    def _end_turn(self, now_s: float) -> list[TurnDecision]:
        utterance = self._utterance
        assert utterance is not None
        utterances = [*self._before, utterance]
        new = self._text()
        text = f"{self._earlier} {new}".strip()
        self._utterance = None
        self.user = UserState.LISTENING
        self._before.clear()
        if not words_of(text) or (self.agent is not AgentState.IDLE and not self._may_interrupt(text)):
            return [IgnoreSpeech(text=new, speech_started_s=utterance.started_s, decided_s=now_s)]
        decisions: list[TurnDecision] = []
        if self.agent is not AgentState.IDLE:
            decisions.append(self._interrupt(utterance, now_s))
        earlier, self._earlier = self._earlier, ""
        text = self._unanswered = f"{earlier} {new}".strip()
        finals_s = [each.final_s for each in utterances if each.final_s is not None]
        final_s = max(finals_s) if utterance.final else now_s
        commit = CommitTurn(
            text=text,
            speech_ended_s=utterance.ended_s,
            words_final_s=final_s,
            committed_s=now_s,
            earlier=earlier,
        )
        return [*decisions, commit]


#: Between one sentence and the next.
_SENTENCE_END: Final = re.compile(r"(?<=[.!?…])\s+")


def question_in(heard: str) -> str:
    """The question that a reply ends with; empty if it ends with none."""
    heard = heard.strip()
    return _SENTENCE_END.split(heard)[-1] if heard.endswith("?") else ""


#: A method of the policy for one kind of input; which kind, the tables say.
_Handler = Callable[..., list[TurnDecision]]  # type: ignore[explicit-any]  # each takes its own kind

#: What the user's side does with each input, by the user's state.
USER_TABLE: Final[dict[tuple[UserState, type], _Handler]] = {
    (UserState.LISTENING, SpeechStarted): TurnPolicy._begin_speech,
    (UserState.MAYBE_FINISHED, SpeechStarted): TurnPolicy._begin_speech,
    (UserState.SPEAKING, SpeechEnded): TurnPolicy._end_speech,
    (UserState.SPEAKING, InterimTranscript): TurnPolicy._hear_interim,
    (UserState.MAYBE_FINISHED, InterimTranscript): TurnPolicy._hear_interim,
    (UserState.LISTENING, InterimTranscript): TurnPolicy._ignore_late,
    (UserState.SPEAKING, FinalTranscript): TurnPolicy._hear_final,
    (UserState.MAYBE_FINISHED, FinalTranscript): TurnPolicy._hear_final,
    (UserState.LISTENING, FinalTranscript): TurnPolicy._ignore_late,
    (UserState.MAYBE_FINISHED, TurnJudged): TurnPolicy._hear_judgement,
    (UserState.LISTENING, TurnJudged): TurnPolicy._ignore_late,
    (UserState.SPEAKING, TurnJudged): TurnPolicy._ignore_late,
}

#: What the agent's side does with each input, by the agent's state.
AGENT_TABLE: Final[dict[tuple[AgentState, type], _Handler]] = {
    (AgentState.IDLE, ReplyStarted): TurnPolicy._begin_thinking,
    (AgentState.THINKING, PlayoutStarted): TurnPolicy._begin_speaking,
    (AgentState.IDLE, PlayoutStarted): TurnPolicy._ignore_late,
    (AgentState.SPEAKING, PlayoutStarted): TurnPolicy._ignore_late,
    (AgentState.THINKING, PlayoutFinished): TurnPolicy._end_reply,
    (AgentState.SPEAKING, PlayoutFinished): TurnPolicy._end_reply,
    (AgentState.IDLE, PlayoutFinished): TurnPolicy._ignore_late,
    (AgentState.THINKING, ReplyEnded): TurnPolicy._end_reply,
    (AgentState.SPEAKING, ReplyEnded): TurnPolicy._end_reply,
    (AgentState.IDLE, ReplyEnded): TurnPolicy._end_reply,
}
