"""What the user's voice and words do to the agent: nothing, make it rest, or take the floor from it. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from trialogue.actors.turn._states import AgentState
from trialogue.actors.turn._words import AgentActivity, claim_of, is_backchannel, is_hesitation, words_of
from trialogue.frames._attrs import define

if TYPE_CHECKING:
    from trialogue.actors.turn._facts import ReplyStarted
    from trialogue.actors.turn._settings import InterruptionSettings, TurnSettings
    from trialogue.actors.turn._user_turn import UserTurn, Utterance

_HEARD = (AgentState.SPEAKING, AgentState.PAUSED)


@define(kw_only=True)
class Interruption:
    """The reply that is thought or spoken, and what stops it.

    Args:
        settings: see there.
        reply_id: the reply; None while there is none, and once it was given up.
        unended_id: the last reply that was started, until it is told that it has ended: its sound may be over before.
        protected: whether the user's speech does not stop it.
        began_s: when its first sample was heard, session time, seconds; infinite while none was.
        first_s: when the very first sample of the agent was heard.
        early_s: speech that began before this moment does not stop the reply: it was there first; session time.
        guarded_s: from when until when the last reply was there that nothing could stop.
        rests_for_s: when the speech began for which it rests; None while it does not.
        asking: whether a question was the last that was heard of it.
        hangover_s: how long after the end of speech the detector is sure of it, as seen last, seconds.
    """

    settings: TurnSettings
    reply_id: str | None = None
    unended_id: str | None = None
    protected: bool = False
    began_s: float = math.inf
    first_s: float = math.inf
    early_s: float = -math.inf
    guarded_s: tuple[float, float] = (math.inf, -math.inf)
    rests_for_s: float | None = None
    asking: bool = False
    hangover_s: float = 0.3

    # -- what becomes of the reply

    def start(self, reply: ReplyStarted, now_s: float, *, answers: bool) -> None:
        """A reply is thought.

        Args:
            reply: which one.
            now_s: session time, seconds.
            answers: whether a turn waits for its answer: who goes on after that turn has gone on before the reply.
        """
        self.reply_id = self.unended_id = reply.reply_id
        self.protected = reply.protected
        self.began_s = math.inf
        self.early_s = -math.inf if answers else now_s
        self.asking = False

    def begin(self, at_s: float) -> None:
        """Its first sample was heard."""
        self.began_s = at_s
        self.first_s = min(self.first_s, at_s)

    def stop(self, at_s: float, agent: AgentState) -> None:
        """It is over, or given up.

        Args:
            at_s: when, session time, seconds.
            agent: what the agent did until then.
        """
        if self.is_guarded(agent):
            self.guarded_s = (self.early_s, at_s)
        self.reply_id = self.rests_for_s = None
        self.early_s = -math.inf
        self.protected = False

    # -- what stops it

    def rules(self, agent: AgentState) -> InterruptionSettings:
        """The settings that count in this state."""
        return self.settings.interruption if agent in _HEARD else self.settings.interruption_thinking

    def is_guarded(self, agent: AgentState) -> bool:
        """Whether nothing that the user says stops the agent."""
        return agent is not AgentState.IDLE and (self.protected or self.rules(agent).mode == "off")

    def shielded_until_s(self, agent: AgentState) -> float:
        """Until when nothing does because it has only just begun to sound; minus infinity where that is not so."""
        if agent not in _HEARD:
            return -math.inf
        rules = self.rules(agent)
        return max(
            self.began_s + rules.grace_s if rules.grace_s else -math.inf,
            self.first_s + rules.warm_up_s if rules.warm_up_s else -math.inf,
        )

    def guarded(self, utterance: Utterance, agent: AgentState) -> bool:
        """Whether an utterance that is over was said while nothing could stop the agent."""
        from_s, until_s = (self.early_s, math.inf) if self.is_guarded(agent) else self.guarded_s
        if from_s <= utterance.started_s and utterance.ended_s <= until_s:
            return True
        return self.began_s <= utterance.ended_s < self.shielded_until_s(agent)

    # -- what was there before it

    def is_early(self, utterance: Utterance) -> bool:
        """Whether an utterance was begun before the reply, and has not gone on over its sound."""
        if utterance.started_s >= self.early_s:
            return False
        return self._counts_from_s(utterance) + self.settings.interruption.min_speech_s > utterance.ended_s

    def waits_for(self, agent: AgentState, turn: UserTurn) -> bool:
        """Whether the reply, of which nothing was heard, lets a turn be finished that was begun before it."""
        if agent in _HEARD or self.is_guarded(agent) or self.rules(agent).pause_after_s == math.inf:
            return False
        return any(self.is_early(each) and not self.is_sign(agent, each.text) for each in turn.utterances)

    def let_go_on(self, utterance: Utterance) -> None:
        """The utterance belongs to the turn that it waits for."""
        self.early_s = max(self.early_s, math.nextafter(utterance.started_s, math.inf))

    def _counts_from_s(self, utterance: Utterance) -> float:
        """From when on an utterance is one over the reply, session time, seconds; infinite while it is not."""
        early = utterance.started_s < self.early_s
        return max(utterance.started_s, self.began_s) if early else utterance.started_s

    def is_sign(self, agent: AgentState, text: str) -> bool:
        """Whether it is no more than a sign of listening or no word at all; after a question, than hesitation."""
        after_question = self.asking and agent in _HEARD
        return (is_hesitation if after_question else is_backchannel)(text, self.settings.language)

    def claims(self, agent: AgentState, text: str, confidence: float | None = None) -> bool:
        """Whether these words would take the floor from the agent, if they were said for long enough.

        Args:
            agent: what it does.
            text: the words; without any, there may still be some to come.
            confidence: how sure the recogniser is of them, 0 to 1; None where it does not say.
        """
        rules = self.rules(agent)
        if self.is_guarded(agent):
            return False
        sure = confidence is None or confidence >= rules.min_confidence
        if rules.mode == "vad":
            return not (sure and words_of(text) and self.is_sign(agent, text))
        activity: AgentActivity = "asking" if self.asking and agent in _HEARD else "speaking"
        return sure and claim_of(text, activity, self.settings.language, rules.min_words) != "backchannel"

    def interrupt_due_s(self, agent: AgentState, utterance: Utterance, *, told: bool = False) -> float:
        """When an utterance takes the floor; infinite if it does not, as far as it is known.

        Args:
            agent: what it does.
            utterance: the utterance.
            told: whether its words or its end have come just now; words that were final before have had their chance.
        """
        if utterance.complete and not (told and words_of(utterance.text)):
            return math.inf
        if not self.claims(agent, utterance.text, utterance.confidence):
            return math.inf
        rules = self.rules(agent)
        from_s = self._counts_from_s(utterance)
        by_words = rules.mode == "stt" and from_s == utterance.started_s  # those of early speech were said before
        least_s = 0.0 if by_words else rules.min_speech_s
        if rules.mode == "vad" and not utterance.over:  # no word says that it goes on: by then it is certain
            least_s += self.hangover_s
        due_s = max(from_s + least_s, self.shielded_until_s(agent))
        return due_s if due_s <= utterance.ended_s else math.inf

    def pause_due_s(self, agent: AgentState, utterance: Utterance) -> float:
        """When an utterance makes the agent rest; infinite if it does not, as far as it is known."""
        if agent not in {AgentState.THINKING, AgentState.SPEAKING} or utterance.over or self.is_guarded(agent):
            return math.inf
        if words_of(utterance.text) and self.is_sign(agent, utterance.text):
            return math.inf
        rules = self.rules(agent)
        after_s = rules.pause_after_s
        if rules.mode == "vad" and after_s < math.inf:  # it interrupts when that is certain, and is silent meanwhile
            after_s = min(after_s, rules.min_speech_s)
        return max(utterance.started_s + after_s, self.shielded_until_s(agent))

    def resume_due_s(self, agent: AgentState, turn: UserTurn) -> float:
        """When an agent that rests goes on if the user, who is silent, says nothing more: at once if it was nothing."""
        assert self.rests_for_s is not None
        if self.waits_for(agent, turn):
            return math.inf  # until the turn is over
        if all(each.complete and self.is_sign(agent, each.text) for each in turn.utterances):
            return self.rests_for_s
        return turn.ended_s + self.rules(agent).resume_after_s

    def turn_claims(self, agent: AgentState, turn: UserTurn) -> bool:
        """Whether a turn that is over takes the floor. Its signs of listening do not add to that, however many."""
        rules = self.rules(agent)
        said = [
            each
            for each in turn.utterances
            if not (each.guarded or self.is_early(each) or self.is_sign(agent, each.text))
        ]
        sure = [each for each in said if each.confidence is None or each.confidence >= rules.min_confidence]
        if rules.mode == "vad":
            sure = [each for each in sure if each.ended_s - each.started_s >= rules.min_speech_s]
        return bool(sure) and self.claims(agent, " ".join(each.text for each in sure))
