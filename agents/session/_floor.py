"""The floor: carries out what the turn policy decides, and tells the listeners what it was told."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Final, assert_never

import trio

from trialogue.actors import (
    CommitTurn,
    DropPreparedAnswer,
    IgnoreSpeech,
    InterruptReply,
    MicrophoneMuted,
    MicrophoneUnmuted,
    PauseReply,
    PrepareAnswer,
    ReplyEnded,
    ReplyHeard,
    ReplyStarted,
    ReportAway,
    ReportBack,
    ReportMissingWords,
    ResumeReply,
    ToolsFinished,
    ToolsStarted,
    TurnDecision,
    TurnInput,
    UserActed,
)
from trialogue.agents.events import _events as news
from trialogue.agents.events._requests import measure_utterance
from trialogue.agents.session._callee import CalleeDesk
from trialogue.agents.session._keys import KeyDesk
from trialogue.agents.session._mute import (
    UNTIL_THE_FIRST_REPLY,
    WHILE_THE_AGENT_SPEAKS,
    WHILE_TOOLS_RUN,
    WHO_ANSWERS,
    Mute,
)
from trialogue.agents.session._noise import AfterNoise
from trialogue.engine import ChannelBroken, ChannelClosed, ConfigurationError
from trialogue.frames import (
    FinalTranscript,
    InterimTranscript,
    PlayoutFinished,
    PlayoutStarted,
    SpeechStarted,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialogue.agents._settings import ConversationSettings
    from trialogue.agents.context._books import Books
    from trialogue.agents.session._nudge import Nudger
    from trialogue.agents.speech._mouth import Mouth
    from trialogue.agents.speech._reply import Reply
    from trialogue.engine import Outbox
    from trialogue.frames import SpeechEdge


#: For the policy, of an answer that there is none of.
_NO_ANSWER: Final = "no answer"


class ConversationFloor:
    """Where decisions are carried out; see actors.Floor. All of it is synchronous.

    Args:
        mouth: speaks.
        books: remember and tell.
        nudger: speaks to a user who is away.
        settings: what the agent does of itself.
    """

    def __init__(self, mouth: Mouth, books: Books, nudger: Nudger, settings: ConversationSettings) -> None:
        self._mouth = mouth
        self._books = books
        self._nudger = nudger
        self._mute = Mute(settings.mute)
        self._after_noise = AfterNoise(mouth, settings.after_noise)
        me = weakref.proxy(self)  # the desks are mine: were I theirs, too, only the collector could free us
        self.keys = KeyDesk(books, mouth, settings.telephone.entry, lambda fact: me.tell(fact))
        outbound = settings.telephone.outbound
        #: Who finds out who has answered; None where nobody does, or when it is known.
        self.callee = None if outbound is None else CalleeDesk(books, mouth, outbound, lambda: me._know_who_answers())
        self._tools = 0
        self._facts: Outbox[TurnInput] | None = None
        self._recogniser: Callable[[], str] = str

    def open(self, facts: Outbox[TurnInput], recogniser: Callable[[], str]) -> None:
        """The conversation begins.

        Args:
            facts: tells the policy.
            recogniser: says the name of the one that listens now.
        """
        self._facts, self._recogniser = facts, recogniser
        self.mute(UNTIL_THE_FIRST_REPLY)
        if self.callee is not None:
            self.callee.hold()
            self.mute(WHO_ANSWERS)

    # -- what the program does

    def tell(self, fact: TurnInput) -> None:
        """Tell the policy a fact, to be judged in its turn. Synchronous; without effect where the session is over.

        Raises:
            ConfigurationError: the session is not running, or so many facts wait that something must be wrong.
        """
        if self._facts is None:
            raise ConfigurationError("the session is not running; use it inside `async with session:`")
        try:
            self._facts.send_nowait(fact)
        except trio.WouldBlock:
            raise ConfigurationError(
                f"too much happens at once: {type(fact).__name__} found no room; await something between such calls"
            ) from None
        except (ChannelClosed, ChannelBroken):
            pass  # the session is over

    def take_typed(self, text: str) -> Reply:
        """The user takes a turn by typing. Raises as `tell`, and where there are no words."""
        if not text.strip():
            raise ConfigurationError("a turn that is typed needs words; leave out the call where there are none")
        now_s = self._books.time.now_s
        self.tell(UserActed(at_s=now_s))
        self._mouth.interrupt("the user has typed", force=False)
        turn = CommitTurn(text=text, speech_ended_s=now_s, words_final_s=now_s, committed_s=now_s, cause="typed")
        self._books.turn_ended(turn)
        reply = self._mouth.answer(turn)
        assert reply is not None
        return reply

    def mute(self, reason: str) -> None:
        """There is a reason to mute the user. Raises as `tell`."""
        at_s = self._books.time.now_s
        if self._mute.begin(reason):
            self.tell(MicrophoneMuted(at_s=at_s))
            self._books.emit(news.UserMuted(at_s=at_s, reason=reason))

    def unmute(self, reason: str) -> None:
        """That is no reason any more. Raises as `tell`."""
        at_s = self._books.time.now_s
        if self._mute.end(reason):
            self.tell(MicrophoneUnmuted(at_s=at_s))
            self._books.emit(news.UserUnmuted(at_s=at_s))

    def see_what_is_left(self) -> None:
        """`on_enter` is over, or a reply was given up: where nothing is left to say, no first reply is waited for."""
        if not self._mouth.queue.busy:
            self.unmute(UNTIL_THE_FIRST_REPLY)

    def follow_tool(self, event: news.Event) -> None:
        """A tool has begun or ended, or something else happens to one. One that is paused is not at work."""
        self._books.emit(event)
        if isinstance(event, (news.ToolStarted, news.ToolResumed)):
            self._tools += 1
            if self._tools == 1:
                self.tell(ToolsStarted(at_s=event.at_s))
                self.mute(WHILE_TOOLS_RUN)
        elif isinstance(event, (news.ToolFinished, news.ToolPaused)):
            self._tools -= 1
            if self._tools == 0:
                self.tell(ToolsFinished(at_s=event.at_s))
                self.unmute(WHILE_TOOLS_RUN)

    # -- what the turn actor asks for

    def observe(self, fact: TurnInput) -> None:
        """Tell the listeners, and keep the books."""
        if self.callee is not None:
            self.callee.observe(fact)
        match fact:
            case SpeechStarted():
                self._tell_what_was_heard()
            case InterimTranscript():
                self._books.emit(news.UserSaid(at_s=self._books.time.now_s, text=fact.text, final=False))
            case FinalTranscript():
                now_s = self._books.time.now_s
                self._books.emit(news.UserSaid(at_s=now_s, text=fact.text, final=True))
                self._books.emit(measure_utterance(fact, now_s, self._recogniser()))
            case ReplyStarted() | PlayoutStarted() | PlayoutFinished() | ReplyEnded():
                self._follow_reply(fact)
            case _:
                pass  # what the program has done, it knows

    def follow(self, edge: SpeechEdge) -> None:
        """Tell the listeners that the user has begun or ceased to speak."""
        if isinstance(edge, SpeechStarted):
            self._books.emit(news.UserStartedSpeaking(at_s=edge.at_s, detected_s=edge.detected_s))
        else:
            self._books.emit(news.UserStoppedSpeaking(at_s=edge.at_s, detected_s=edge.detected_s))

    def carry_out(self, decision: TurnDecision) -> None:
        """Do what the policy has decided."""
        match decision:
            case CommitTurn():
                self._after_noise.said_something()
                self._books.turn_ended(decision)
                if self._mouth.answer(decision) is None:  # nobody will: what is said next is no part of it any more
                    self.tell(ReplyStarted(reply_id=_NO_ANSWER))
                    self.tell(ReplyEnded(reply_id=_NO_ANSWER))
            case PrepareAnswer():
                self._mouth.rehearse(decision.text)
            case DropPreparedAnswer():
                self._mouth.forget_rehearsal("the turn went on")
            case InterruptReply():
                cut_off = self._mouth.queue.current
                self._mouth.interrupt(decision.reason, force=False)
                self._after_noise.interrupted(cut_off)
                self._mouth.let_begin()
            case PauseReply() | ResumeReply():
                self._rest(decision)
            case IgnoreSpeech() | ReportMissingWords() | ReportAway() | ReportBack():
                self._report(decision)
            case _:
                assert_never(decision)

    def _know_who_answers(self) -> None:
        self.callee = None
        self.unmute(WHO_ANSWERS)

    def _follow_reply(self, fact: ReplyStarted | PlayoutStarted | PlayoutFinished | ReplyEnded) -> None:
        reply = self._mouth.queue.current
        if isinstance(fact, ReplyEnded):
            self.unmute(WHILE_THE_AGENT_SPEAKS)
            self.unmute(UNTIL_THE_FIRST_REPLY)
        if reply is None or reply.reply_id != fact.reply_id:
            return
        if isinstance(fact, ReplyStarted):
            reply.announced.set()
        elif isinstance(fact, PlayoutStarted) and reply.ending is None:
            self._books.began_to_sound(reply, fact)
            self.mute(WHILE_THE_AGENT_SPEAKS)

    def _tell_what_was_heard(self) -> None:
        """The user speaks over a reply: what was asked in it by now decides whether a "yes" is an answer."""
        reply = self._mouth.queue.current
        if reply is not None and reply.ending is None and reply.sounded:
            self.tell(ReplyHeard(reply_id=reply.reply_id, heard=reply.heard))

    def _rest(self, decision: PauseReply | ResumeReply) -> None:
        if isinstance(decision, PauseReply):
            self._mouth.pause("policy", decision.speech_started_s)
        else:
            self._mouth.resume("policy")

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
                self._nudger.went_away()
                event = news.UserWentAway(at_s=at_s, silent_since_s=decision.silent_since_s)
            case ReportBack():
                self._nudger.came_back()
                event = news.UserCameBack(at_s=at_s)
            case _:
                assert_never(decision)
        self._books.emit(event)
        if isinstance(decision, IgnoreSpeech):
            (self._after_noise.was_nothing if decision.reason == "no words" else self._after_noise.said_something)()
