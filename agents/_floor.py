"""The floor: carries out what the turn policy decides, and tells the listeners what it was told."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from trialogue.actors import (
    CommitTurn,
    DropPreparedAnswer,
    IgnoreSpeech,
    InterruptReply,
    PauseReply,
    PrepareAnswer,
    ReplyEnded,
    ReplyStarted,
    ReportAway,
    ReportBack,
    ReportMissingWords,
    ResumeReply,
    TurnDecision,
    TurnInput,
)
from trialogue.agents import _events as news
from trialogue.agents._reply import Asked
from trialogue.frames import (
    FinalTranscript,
    InterimTranscript,
    PlayoutFinished,
    PlayoutStarted,
    SpeechEnded,
    SpeechStarted,
)

if TYPE_CHECKING:
    from trialogue.agents._books import Books
    from trialogue.agents._mouth import Mouth


class ConversationFloor:
    """Where decisions are carried out; see actors.Floor. All of it is synchronous.

    Args:
        mouth: speaks.
        books: remember and tell.
    """

    def __init__(self, mouth: Mouth, books: Books) -> None:
        self._mouth = mouth
        self._books = books

    def observe(self, fact: TurnInput) -> None:
        """Tell the listeners, and keep the books."""
        emit = self._books.emit
        match fact:
            case SpeechStarted():
                emit(news.UserStartedSpeaking(at_s=fact.at_s, detected_s=fact.detected_s))
            case SpeechEnded():
                emit(news.UserStoppedSpeaking(at_s=fact.at_s, detected_s=fact.detected_s))
            case InterimTranscript() | FinalTranscript():
                final = isinstance(fact, FinalTranscript)
                emit(news.UserSaid(at_s=self._books.time.now_s, text=fact.text, final=final))
            case ReplyStarted() | PlayoutStarted() | PlayoutFinished() | ReplyEnded():
                self._follow_reply(fact)
            case _:
                pass  # what the program has done, it knows

    def carry_out(self, decision: TurnDecision) -> None:
        """Do what the policy has decided."""
        match decision:
            case CommitTurn():
                self._answer(decision)
            case PrepareAnswer() | DropPreparedAnswer():
                pass
            case InterruptReply():
                self._mouth.interrupt(decision.reason, force=False)
                self._mouth.let_begin()
            case PauseReply() | ResumeReply():
                self._rest(decision)
            case IgnoreSpeech() | ReportMissingWords() | ReportAway() | ReportBack():
                self._report(decision)
            case _:
                assert_never(decision)

    def _follow_reply(self, fact: ReplyStarted | PlayoutStarted | PlayoutFinished | ReplyEnded) -> None:
        reply = self._mouth.queue.current
        if reply is None or reply.reply_id != fact.reply_id:
            return
        if isinstance(fact, ReplyStarted):
            reply.announced.set()
        elif isinstance(fact, PlayoutStarted) and reply.ending is None:
            self._books.began_to_sound(reply, fact)

    def _answer(self, turn: CommitTurn) -> None:
        self._books.turn_ended(turn)
        self._mouth.ask_for(Asked(kind="answer", turn=turn))

    def _rest(self, decision: PauseReply | ResumeReply) -> None:
        if isinstance(decision, PauseReply):
            self._mouth.pause(decision.speech_started_s)
        else:
            self._mouth.resume()

    def _report(self, decision: IgnoreSpeech | ReportMissingWords | ReportAway | ReportBack) -> None:
        at_s = decision.decided_s
        match decision:
            case IgnoreSpeech():
                event: news.Event = news.SpeechIgnored(
                    at_s=at_s, text=decision.text, started_s=decision.speech_started_s, reason=decision.reason
                )
            case ReportMissingWords():
                event = news.WordsMissing(at_s=at_s, speech_ended_s=decision.speech_ended_s)
            case ReportAway():
                event = news.UserWentAway(at_s=at_s, silent_since_s=decision.silent_since_s)
            case ReportBack():
                event = news.UserCameBack(at_s=at_s)
            case _:
                assert_never(decision)
        self._books.emit(event)
