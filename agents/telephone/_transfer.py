"""Warm transfer: somebody is asked first, with a summary, and then both speak with each other."""

from __future__ import annotations

import contextlib
import logging
import math
from collections.abc import Callable, Generator
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Final, Literal

import attrs
import trio

from trialogue.agents._agent import Agent
from trialogue.agents._first_of import first_of
from trialogue.agents._settings import ConversationSettings, SessionSettings, TelephoneSettings
from trialogue.agents.context._asking import ask_model
from trialogue.agents.context._summarise import transcript_of
from trialogue.agents.events._call_events import CallAnswered
from trialogue.agents.events._events import SessionEnded
from trialogue.agents.session._callee import OutboundSettings
from trialogue.agents.session._mute import WHILE_CALLING
from trialogue.agents.session._session import Session
from trialogue.agents.session._stays import TaskEnded
from trialogue.agents.speech._performance import in_words
from trialogue.agents.tasks import Task
from trialogue.agents.telephone._line import PhoneLine, bridge, line_of
from trialogue.agents.tools._tool_context import ToolContext
from trialogue.agents.tools._tool_results import Silently, ToolError
from trialogue.agents.tools._tools import tool
from trialogue.engine import ProviderError, Transport
from trialogue.engine._checks import above
from trialogue.frames import ChatMessage
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialogue.actors import BackgroundSound, Clip
    from trialogue.agents._settings import Models
    from trialogue.agents.context._chat_context import ContextItem
    from trialogue.agents.events._events import Event
    from trialogue.engine import LanguageModel

_log = logging.getLogger(__name__)

#: How long hold sound takes to come and go, seconds.
_FADE_S: Final = 0.3

#: Dials: entered when somebody has answered, left when that call is over.
Dial = Callable[[], AbstractAsyncContextManager[Transport]]


def _outbound() -> SessionSettings:
    """Of a session that finds out who answers."""
    telephone = TelephoneSettings(outbound=OutboundSettings())
    return SessionSettings(conversation=ConversationSettings(telephone=telephone))


@frozen(kw_only=True)
class TransferSettings:
    """How a call is transferred. All times in seconds.

    Args:
        please_wait: said to the caller first; where it is empty, the model asks for patience in its own words.
        hold: what the caller hears while waiting, again and again; None is silence. Needs
            ConversationSettings.background.
        hold_volume: 0 to 1.
        ring_s: so long it may ring.
        decide_s: so long whoever answers may take to say whether they take the call.
        summary: what the model is told that summarises the conversation for them.
        summary_s: so long that may take; then they are told what the caller has said.
        question: what they are asked after the summary.
        connecting: said to them when they take it; nothing if empty.
        consultation: of the session with them.
    """

    please_wait: str = "One moment, please. I will connect you."
    hold: Clip | None = None
    hold_volume: float = 0.8
    ring_s: float = attrs.field(default=30.0, validator=above(0))
    decide_s: float = attrs.field(default=45.0, validator=above(0))
    summary: str = (
        "A caller is to be connected with a person. Tell that person in two short sentences who calls and what they "
        "want, with names and numbers. Write nothing else: it is read out on the telephone."
    )
    summary_s: float = attrs.field(default=5.0, validator=above(0))
    question: str = "Will you take the call?"
    connecting: str = "I will connect you now."
    consultation: SessionSettings = attrs.Factory(_outbound)


@frozen(kw_only=True)
class TransferOutcome:
    """What came of a transfer.

    Args:
        kind: they spoke with each other, and that is over; the call was declined; nobody answered, or a machine; nobody
            decided in time; or it could not be done.
        reason: why, in words.
        summary: what was told to whoever answered; empty where nobody did.
        talked_s: how long they spoke with each other, seconds.
    """

    kind: Literal["connected", "declined", "no answer", "machine", "undecided", "failed"]
    reason: str = ""
    summary: str = ""
    talked_s: float = 0.0


class WarmTransfer(Task[TransferOutcome]):
    """Connects the caller with somebody who was asked first: `outcome = await WarmTransfer(...).run(session)`.

    The caller waits, with hold sound. Somebody is called, and told in a session of its own who waits and why. Where
    they take the call, both speak with each other on their lines, and no agent hears or says anything, until one of
    them goes. Where they do not, or nobody answers, the caller's session goes on with that outcome. However it ends,
    the other call is over then, too; a caller who hangs up ends everything.

    Args:
        line: the caller's: the transport of the session that awaits this.
        dial: calls somebody: a context manager that gives a transport once they have answered, and hangs up.
        models: of the session with them, and of the summary.
        settings: what is said, and how long each step may take.
    """

    def __init__(
        self, line: PhoneLine, dial: Dial, *, models: Models, settings: TransferSettings | None = None
    ) -> None:
        super().__init__(instructions="The caller is to be connected with somebody now, which takes a moment.")
        self._line = line
        self._dial = dial
        self._models = models
        self._terms = settings or TransferSettings()
        self._entered = trio.Event()

    async def on_enter(self, session: Session) -> None:
        """Ask for patience."""
        if self._terms.please_wait:
            session.say(self._terms.please_wait, protected=True)
        self._entered.set()

    async def run(self, within: Session | ToolContext) -> TransferOutcome:
        """As Task.run. Whatever fails on the way to somebody is an outcome, and raises nothing."""
        session = within.session if isinstance(within, ToolContext) else within
        ended: TaskEnded | None = None
        outcome = TransferOutcome(kind="failed")
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._work, session, name="warm transfer")
            try:
                outcome = await super().run(within)
            except TaskEnded as error:  # it goes on alone, in no group
                ended = error
            nursery.cancel_scope.cancel(reason="the task is over")
        if ended is not None:
            raise ended
        return outcome

    async def _work(self, session: Session) -> None:
        await self._entered.wait()
        try:
            outcome = await self._transfer(session)
        except Exception as error:  # noqa: BLE001  # a supervisor: whatever fails, the caller's session goes on
            _log.warning("the transfer has failed", exc_info=error)
            outcome = TransferOutcome(kind="failed", reason=in_words(error))
        with contextlib.suppress(ToolError):  # it is over already: another agent takes over
            self.finish(outcome)

    async def _transfer(self, session: Session) -> TransferOutcome:
        async with trio.open_nursery() as nursery:
            briefing = _Briefing(self._models, self._terms)
            nursery.start_soon(briefing.write, session.context.items, name="summary for a transfer")
            with _hold(session, self._terms) as hold:
                outcome = await self._call(briefing, hold)
            nursery.cancel_scope.cancel(reason="the transfer is over")
        return outcome

    async def _call(self, briefing: _Briefing, hold: _Hold) -> TransferOutcome:
        """Call somebody, and ask them."""
        with trio.move_on_after(self._terms.ring_s) as ringing:
            async with self._dial() as transport:
                ringing.deadline = math.inf
                await briefing.written.wait()
                return await self._consult(briefing.text, line_of(transport), hold)
        return TransferOutcome(kind="no answer", reason=f"nobody has answered for {self._terms.ring_s:g} s")

    async def _consult(self, summary: str, line: PhoneLine, hold: _Hold) -> TransferOutcome:
        """Tell whoever has answered who waits, and what they say to it."""
        consultant = _Consultant(summary, self._terms.question)
        async with Session(
            consultant,
            models=self._models,
            transport=line,
            settings=self._terms.consultation,
            observers=[consultant.observe],
        ) as consultation:
            with trio.move_on_after(self._terms.decide_s):
                await first_of(consultant.decided.wait, consultation.wait_ended)
            outcome = consultant.outcome
            if outcome.kind == "connected":
                outcome = await self._connect(consultation, line, hold)
        return attrs.evolve(outcome, summary=summary)

    async def _connect(self, consultation: Session, line: PhoneLine, hold: _Hold) -> TransferOutcome:
        """Let both speak with each other, until one of them goes."""
        if self._terms.connecting:
            await consultation.say(self._terms.connecting, protected=True).wait()
        if line.gone.is_set():
            return TransferOutcome(kind="declined", reason="they hung up")
        consultation.mute()
        hold.connect()
        began_s = trio.current_time()
        who = "the caller" if await bridge(self._line, line) == "one" else "the other"
        return TransferOutcome(kind="connected", reason=f"{who} hung up", talked_s=trio.current_time() - began_s)


class _Consultant(Agent):
    """Tells somebody who waits and why, and asks whether they take the call."""

    def __init__(self, summary: str, question: str) -> None:
        super().__init__(
            instructions=(
                "You have called a person because a caller waits to be connected with them. You have told them what "
                "follows, and asked whether they take the call. Answer their questions from it, briefly. As soon as "
                f"they have decided, call accept or decline, and say nothing.\n\n{summary}"
            )
        )
        self.decided = trio.Event()
        self.outcome = TransferOutcome(kind="undecided", reason="they did not say whether they take the call")
        self._told = f"{summary} {question}".strip()

    def observe(self, event: Event) -> None:
        """See who has answered, and whether they have gone."""
        if isinstance(event, CallAnswered) and event.kind not in {"person", "uncertain"}:
            self.outcome = TransferOutcome(kind="machine", reason=f"a {event.kind} has answered")
        elif isinstance(event, SessionEnded) and self.outcome.kind == "undecided":
            self.outcome = TransferOutcome(kind="declined", reason="they hung up")

    async def on_enter(self, session: Session) -> None:
        """Tell, and ask."""
        session.say(self._told)

    @tool
    def accept(self) -> Silently:
        """They take the call."""
        self.outcome = TransferOutcome(kind="connected")
        self.decided.set()
        return Silently("accepted")

    @tool
    def decline(self, reason: str = "") -> Silently:
        """They do not take the call.

        Args:
            reason: why, if they have said so.
        """
        self.outcome = TransferOutcome(kind="declined", reason=reason or "they do not take the call")
        self.decided.set()
        return Silently("declined")


class _Briefing:
    """What somebody is told who is to take a call: written while the telephone rings."""

    def __init__(self, models: Models, terms: TransferSettings) -> None:
        self._models = models
        self._terms = terms
        self.text = ""
        self.written = trio.Event()

    async def write(self, items: Sequence[ContextItem]) -> None:
        """Have the model summarise; in its place, what the caller has said."""
        said = [item.text for item in items if isinstance(item, ChatMessage) and item.role == "user"]
        self.text = f"A caller waits, who has said: {' '.join(said)}" if said else "A caller waits."
        if self._models.llm is not None:
            with trio.move_on_after(self._terms.summary_s):
                await self._summarise(self._models.llm, items)
        self.written.set()

    async def _summarise(self, llm: LanguageModel, items: Sequence[ContextItem]) -> None:
        try:
            name = "the model that summarises"
            text = await ask_model(llm, self._terms.summary, transcript_of(items), name=name)
        except ProviderError as error:
            _log.warning("there is no summary for the transfer: %s", error)
        else:
            self.text = text.strip() or self.text


class _Hold:
    """What the caller hears while waiting."""

    def __init__(self, session: Session, sound: BackgroundSound | None, until_over: contextlib.ExitStack) -> None:
        self._session = session
        self._sound = sound
        self._until_over = until_over

    def connect(self) -> None:
        """The caller waits no longer. Synchronous."""
        self._session.pause()
        self._until_over.callback(self._session.resume)
        if self._sound is not None:
            self._sound.stop()


@contextlib.contextmanager
def _hold(session: Session, terms: TransferSettings) -> Generator[_Hold, None, None]:
    """Let the caller wait: what they say does not count, and they hear the hold sound."""
    with contextlib.ExitStack() as until_over:
        sound = None
        if terms.hold is not None:
            sound = session.background.play(terms.hold, volume=terms.hold_volume, loop=True, fade_in_s=_FADE_S)
            until_over.callback(sound.stop, _FADE_S)
        session._floor.mute(WHILE_CALLING)  # for a reason of its own: whom the program has muted stays so
        until_over.callback(session._floor.unmute, WHILE_CALLING)
        yield _Hold(session, sound, until_over)
