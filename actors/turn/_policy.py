"""Who has the floor: the turn-taking policy. Pure: facts and times in, decisions out; it reads no clock.

Theory of operation. Three machines run side by side: the user, the agent, and the turn, which is what the user has said
and nobody has answered. Their tables (`_machines.py`) hold every pair of state and event that may occur; another pair
is a bug and raises before anything changes. Facts and decisions move them, and nothing else does.

What depends on time is a table as well, `TIMERS` below: what may become due, and what is done then. `deadline` is the
first of these times.

All times are session seconds, counted from the microphone's first sample, so a decision depends on when something was
said and not on when its news arrived. A turn is committed when its speech has been over for the endpointing delay and
its words are in; a judge of those words, and news of one that listens, move the delay between its two bounds. While the
agent speaks, the user's voice makes it rest, and words that are more than signs of listening take the floor; where no
such words come, the agent goes on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

from trialogue.actors.turn._decisions import (
    CommitCause,
    CommitTurn,
    DropPreparedAnswer,
    IgnoreCause,
    IgnoreSpeech,
    PrepareAnswer,
    ReportAway,
    ReportBack,
    ReportMissingWords,
    TurnDecision,
)
from trialogue.actors.turn._detector import TextTurnDetector
from trialogue.actors.turn._facts import (
    MicrophoneMuted,
    MicrophoneUnmuted,
    ReplyEnded,
    ReplyHeard,
    ReplyStarted,
    ToolsFinished,
    ToolsStarted,
    TurnCleared,
    TurnCommitted,
    TurnInput,
    TurnJudged,
    TurnSettingsChanged,
    UserActed,
)
from trialogue.actors.turn._machines import TurnKept
from trialogue.actors.turn._reactions import Reactions
from trialogue.actors.turn._settings import TurnSettings
from trialogue.actors.turn._states import AgentState, TurnState, UserState
from trialogue.actors.turn._user_turn import Utterance, end_at, question_in
from trialogue.actors.turn._verdict import verdict_of
from trialogue.actors.turn._words import words_of
from trialogue.engine import TurnJudge, TurnSoFar
from trialogue.frames import (
    FinalTranscript,
    InterimTranscript,
    PlayoutFinished,
    PlayoutStarted,
    SpeechEnded,
    SpeechStarted,
    Transcript,
)


class TurnPolicy(Reactions):
    """The state of one conversation's floor.

    Use: `on_frame` for each input in order of arrival, `on_time` when `deadline` has come. Both give decisions, in
    the order in which they are to be carried out.

    Args:
        settings: see there.
        judge: says by its words whether a turn is over; it must be pure and quick.
    """

    def __init__(self, settings: TurnSettings | None = None, judge: TurnJudge | None = None) -> None:
        super().__init__(settings or TurnSettings())
        self._judge = judge or TextTurnDetector()

    @property
    def deadline(self) -> float | None:
        """When to call `on_time`, session time in seconds; None while nothing is awaited."""
        due_s = min([due(self) for due, _ in TIMERS])
        return None if due_s == math.inf else due_s

    def on_frame(self, frame: TurnInput, now_s: float) -> list[TurnDecision]:
        """Take in a fact.

        Args:
            frame: the fact.
            now_s: session time, seconds.

        Raises:
            PolicyError: the state does not allow it; nothing was changed.
        """
        facts, edges = self._edges.take(frame, now_s, speaking=self.user is UserState.SPEAKING)
        for fact in facts[:1]:
            self._states.check(type(fact))
        self._edges, self._told = edges, []
        for fact in facts:
            _HANDLERS[type(fact)](self, fact, now_s)
        return self._decisions()

    def on_time(self, now_s: float) -> list[TurnDecision]:
        """Tell the time; does what is due."""
        self._told = []
        for due, act in TIMERS:
            if due(self) <= now_s:
                act(self, now_s)
        return self._decisions()

    # -- what the user does

    def _begin_speech(self, fact: SpeechStarted, now_s: float) -> None:
        if self.user is UserState.AWAY:
            self._decide(ReportBack(decided_s=now_s))
        self._states.apply(SpeechStarted)
        self._told.append(fact)
        waited_for = self._interruption.waits_for(self.agent, self._turn)
        utterance = self._turn.begin(fact, over_agent=self.agent in {AgentState.SPEAKING, AgentState.PAUSED})
        if waited_for:
            self._interruption.let_go_on(utterance)
        self._react(min(now_s, fact.detected_s))

    def _end_speech(self, fact: SpeechEnded, now_s: float) -> None:
        self._states.apply(SpeechEnded)
        self._told.append(fact)
        utterance = self._turn.end(fact)
        utterance.guarded = self._interruption.guarded(utterance, self.agent)
        self._interruption.hangover_s = max(0.0, fact.detected_s - fact.at_s)
        self._absence.sounded(utterance.ended_s)
        self._react(now_s, told=utterance)

    def _hear_words(self, fact: Transcript, now_s: float) -> None:
        utterance = self._turn.hear(fact, now_s)
        if utterance is None:
            return  # of an utterance that was answered already, or the same again
        self._note_words(now_s)
        if utterance.final_s is not None:
            self._judge_words()
        self._react(now_s, told=utterance)

    def _judge_words(self) -> None:
        """See by all words of the turn whether it may be over."""
        last = self._turn.last
        if last is None or last.final_s is None:
            return
        text = self._turn.text
        so_far = TurnSoFar(text=text, language=self._settings.language, asked=self._turn.asked)
        self._turn.finished = self._judge.probability(so_far) if words_of(text) else 1.0

    def _hear_judgement(self, fact: TurnJudged, now_s: float) -> None:
        del now_s
        if self.user is UserState.MAYBE_FINISHED and fact.speech_ended_s >= self._turn.ended_s:
            self._turn.sounds_finished = fact.probability

    # -- what the agent does

    def _begin_thinking(self, fact: ReplyStarted, now_s: float) -> None:
        self._states.apply(ReplyStarted)
        self._interruption.start(fact, now_s, answers=bool(self._turn.unanswered))
        self._react(now_s)
        if self.user is UserState.MAYBE_FINISHED and self._interruption.waits_for(self.agent, self._turn):
            self._pause(now_s)

    def _begin_speaking(self, fact: PlayoutStarted, now_s: float) -> None:
        if fact.reply_id != self._interruption.reply_id:
            return
        self._states.apply(PlayoutStarted)
        self._interruption.begin(fact.at_s)
        self._turn.unanswered = self._turn.asked = ""
        self._react(now_s)

    def _ask(self, fact: ReplyHeard, now_s: float) -> None:
        del now_s
        if fact.reply_id == self._interruption.reply_id:
            self._turn.asked = question_in(fact.heard, goes_on=True)
            self._interruption.asking = bool(self._turn.asked)

    def _end_playout(self, fact: PlayoutFinished, now_s: float) -> None:
        if fact.reply_id == self._interruption.reply_id:
            self._end_any(PlayoutFinished, fact.at_s, now_s)

    def _end_reply(self, fact: ReplyEnded, now_s: float) -> None:
        if fact.heard:
            self._turn.asked = question_in(fact.heard)
        if fact.reply_id == self._interruption.unended_id:
            self._interruption.unended_id = None
        if fact.reply_id == self._interruption.reply_id:
            self._end_any(ReplyEnded, now_s, now_s)

    def _end_any(self, event: type, at_s: float, now_s: float) -> None:
        self._interruption.stop(at_s, self.agent)
        self._states.apply(event)
        self._absence.sounded(now_s)
        self._turn.unanswered = ""

    def _note_act(self, fact: UserActed, now_s: float) -> None:
        if self.user is UserState.AWAY:
            self._decide(ReportBack(decided_s=now_s))
        self._states.apply(UserActed)
        self._absence.sounded(fact.at_s)

    def _run_tools(self, fact: ToolsStarted, now_s: float) -> None:
        del fact, now_s
        self._absence.tools = True

    def _end_tools(self, fact: ToolsFinished, now_s: float) -> None:
        del now_s
        self._absence.tools = False
        self._absence.sounded(fact.at_s)

    # -- what the program does

    def _close_turn(self, fact: TurnCommitted, now_s: float) -> None:
        """The user's turn is over; only its words are awaited, and they may be spoken still."""
        self._states.apply(TurnCommitted)
        self._turn.close(fact.at_s)
        self._react(now_s)

    def _clear_turn(self, fact: TurnCleared, now_s: float) -> None:
        if self.user is UserState.SPEAKING:
            self._cut_utterance(fact.at_s)
        self._states.apply(TurnCleared)
        if self._turn.utterances:
            self._drop_utterances(self._turn.utterances, "cleared", now_s)
        self._react(now_s)

    def _mute(self, fact: MicrophoneMuted, now_s: float) -> None:
        speaking = self.user is UserState.SPEAKING
        if speaking:
            self._cut_utterance(fact.at_s)
        self._states.apply(MicrophoneMuted)
        if speaking:
            self._drop_utterances(self._turn.utterances[-1:], "muted", now_s)
        self._react(now_s)

    def _change_settings(self, fact: TurnSettingsChanged, now_s: float) -> None:
        """What goes on is judged by the new settings from here on; what was learned of the user's pauses stays."""
        settings = self._settings = fact.settings
        speaking = self.user is UserState.SPEAKING
        self._edges = self._edges.told_by(settings, now_s if speaking else math.inf)
        self._endpointing.settings, self._endpointing.language = settings.endpointing, settings.language
        self._interruption.settings = settings
        self._preparation.settings = settings.preparation
        self._absence.after_s = settings.away_after_s
        self._react(now_s)

    def _unmute(self, fact: MicrophoneUnmuted, now_s: float) -> None:
        del now_s
        self._absence.sounded(fact.at_s)

    def _cut_utterance(self, at_s: float) -> None:
        """The utterance that goes on ends here, as far as anybody is concerned."""
        self._turn.cut(at_s)
        self._told.append(end_at(at_s))
        self._edges = self._edges.gave_up(at_s)
        self._absence.sounded(at_s)

    # -- what is due, and what is done then

    def _lost_due_s(self) -> float:
        return self._edges.due_s if self.user is UserState.SPEAKING else math.inf

    def _end_lost(self, now_s: float) -> None:
        """The recogniser says nothing more of what it has begun to hear."""
        facts, self._edges = self._edges.lost(now_s)
        for fact in facts:
            _HANDLERS[type(fact)](self, fact, now_s)

    def _end_due_s(self) -> float:
        if self.turn is TurnState.CLOSING:
            guarded = self._interruption.is_guarded(self.agent)
            waits = self.user is not UserState.MAYBE_FINISHED and (guarded or self._lingers())
            return math.inf if waits else self._endpointing.words_due_s(self._turn)
        if self.user is UserState.SPEAKING or not self._turn.utterances:
            return math.inf
        if self.turn is TurnState.OPEN:
            return self._endpointing.due_s(self._turn)
        manual = self._settings.endpointing.mode == "manual"
        waits = manual or self.agent is not AgentState.IDLE or self._lingers()
        return math.inf if waits else self._turn.ended_s

    def _lingers(self) -> bool:
        """Whether a reply's sound is over, but not the reply."""
        return self.agent is AgentState.IDLE and self._interruption.unended_id is not None

    def _end_turn(self, now_s: float) -> None:
        """The user is silent for long enough, or the program wants it, and what will be known of the words is known."""
        rest = self._turn.part_from_rest(now_s)
        for utterance in self._endpointing.missing(self._turn, now_s):
            self._decide(ReportMissingWords(speech_ended_s=utterance.ended_s, decided_s=now_s))
            self._endpointing.missed_to_s = utterance.ended_s
        if self._settings.protected != "answer":
            self._drop_utterances([each for each in self._turn.utterances if each.guarded], "protected", now_s)
        verdict = verdict_of(self._turn, self._states, self._interruption) if self._turn.utterances else "dealt with"
        if verdict == "answer":
            last = self._turn.utterances[-1]
            silence: CommitCause = "silence" if last.complete else "no words came"
            self._commit("program" if self.turn is TurnState.CLOSING else silence, now_s, rest)
        elif verdict == "keep":
            if self._answers() and self._interruption.turn_claims(self.agent, self._turn):
                self._interrupt(now_s)
            self._states.apply(TurnKept)
            self._turn.utterances += rest
        else:
            if verdict != "dealt with":
                self._ignore(self._turn.new_text, verdict, now_s)
            self._take_up(rest, now_s)
        self._react(now_s)

    def _commit(self, cause: CommitCause, now_s: float, rest: Sequence[Utterance] = ()) -> None:
        if self._answers():
            self._interrupt(now_s)
        turn = self._turn
        if self._preparation.end(turn.text):
            self._decide(DropPreparedAnswer(decided_s=now_s))
        self._endpointing.committed(turn)
        final_s = turn.words_final_s
        commit = CommitTurn(
            text=turn.text,
            speech_ended_s=turn.ended_s if turn.utterances else now_s,
            words_final_s=now_s if final_s is None else final_s,
            committed_s=now_s,
            earlier=turn.earlier,
            cause=cause,
        )
        turn.commit()
        self._decide(commit)
        if rest:
            turn.unanswered = ""  # that turn has its answer, however this one goes on
            self._take_up(rest, now_s)

    def _take_up(self, rest: Sequence[Utterance], now_s: float) -> None:
        """What was said after a turn that is dealt with begins the next one."""
        if not rest:
            return
        self._turn.utterances.extend(rest)
        self._states.apply(SpeechStarted)
        if rest[-1].over:
            self._states.apply(SpeechEnded)
        self._note_words(now_s)
        self._judge_words()

    def _drop_utterances(self, dropped: Sequence[Utterance], cause: IgnoreCause, now_s: float) -> None:
        """These do not count; what is left of the turn does."""
        if not dropped:
            return
        text = " ".join(each.text for each in dropped if each.text)
        kept = [each for each in self._turn.utterances if each not in dropped]
        self._turn.utterances = kept
        self._note_words(now_s)
        if not kept and self._turn.earlier:
            self._commit("silence", now_s)
        elif not kept:
            hidden = cause == "protected" and self._settings.protected == "discard"
            self._ignore("" if hidden else text, cause, now_s, dropped[-1].started_s)

    def _ignore(self, text: str, cause: IgnoreCause, now_s: float, started_s: float | None = None) -> None:
        if self._preparation.end():
            self._decide(DropPreparedAnswer(decided_s=now_s))
        if started_s is None:
            started_s = self._turn.utterances[-1].started_s
        self._turn.forget()
        self._decide(IgnoreSpeech(text=text, speech_started_s=started_s, decided_s=now_s, reason=cause))

    def _too_long_due_s(self) -> float:
        if self.turn is not TurnState.OPEN or self._answers():
            return math.inf
        return self._endpointing.too_long_s(self._turn)

    def _answer_anyway(self, now_s: float) -> None:
        """The user speaks on and on: what was said so far is answered, and what is said on begins the next turn."""
        rest = [self._turn.cut(now_s).going_on()] if self.user is UserState.SPEAKING else []
        self._commit("too long", now_s, rest)

    def _prepare_due_s(self) -> float:
        return math.inf if self.turn is TurnState.EMPTY or self._answers() else self._preparation.due_s(self._turn)

    def _prepare(self, now_s: float) -> None:
        self._decide(PrepareAnswer(text=self._preparation.prepare(), decided_s=now_s))

    def _away_due_s(self) -> float:
        waits = self.user in (UserState.LISTENING, UserState.AWAY) and self.turn is TurnState.EMPTY
        return self._absence.due_s if waits and not self._answers() and not self._edges.muted else math.inf

    def _report_away(self, now_s: float) -> None:
        silent_since_s = self._absence.told_s = self._absence.silent_since_s
        self._decide(ReportAway(silent_since_s=silent_since_s, decided_s=now_s))


#: A method of the policy for one kind of input.
_Handler = Callable[..., None]  # type: ignore[explicit-any]  # each takes its own kind

#: What is done with each input, where the states allow it.
_HANDLERS: Final[dict[type, _Handler]] = {
    SpeechStarted: TurnPolicy._begin_speech,
    SpeechEnded: TurnPolicy._end_speech,
    InterimTranscript: TurnPolicy._hear_words,
    FinalTranscript: TurnPolicy._hear_words,
    TurnJudged: TurnPolicy._hear_judgement,
    ReplyStarted: TurnPolicy._begin_thinking,
    PlayoutStarted: TurnPolicy._begin_speaking,
    PlayoutFinished: TurnPolicy._end_playout,
    ReplyHeard: TurnPolicy._ask,
    ReplyEnded: TurnPolicy._end_reply,
    UserActed: TurnPolicy._note_act,
    ToolsStarted: TurnPolicy._run_tools,
    ToolsFinished: TurnPolicy._end_tools,
    TurnCommitted: TurnPolicy._close_turn,
    TurnCleared: TurnPolicy._clear_turn,
    MicrophoneMuted: TurnPolicy._mute,
    MicrophoneUnmuted: TurnPolicy._unmute,
    TurnSettingsChanged: TurnPolicy._change_settings,
}

#: What may become due: when (infinite: not now), and what is done then; in this order where several are due. Each
#: action leaves its own time in the future, or infinite.
TIMERS: Final[tuple[tuple[Callable[[TurnPolicy], float], Callable[[TurnPolicy, float], None]], ...]] = (
    (TurnPolicy._lost_due_s, TurnPolicy._end_lost),
    (TurnPolicy._interrupt_due_s, TurnPolicy._interrupt),
    (TurnPolicy._pause_due_s, TurnPolicy._pause),
    (TurnPolicy._end_due_s, TurnPolicy._end_turn),
    (TurnPolicy._too_long_due_s, TurnPolicy._answer_anyway),
    (TurnPolicy._resume_due_s, TurnPolicy._resume),
    (TurnPolicy._prepare_due_s, TurnPolicy._prepare),
    (TurnPolicy._away_due_s, TurnPolicy._report_away),
)
