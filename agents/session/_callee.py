"""Who answers an outbound call: told, and acted upon; until it is known, the agent says nothing."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, get_args

import attrs
import trio

from trialogue.actors import (
    BeepHeard,
    CalleeInput,
    CalleeJudged,
    CalleeKind,
    CalleePolicy,
    CalleeSettings,
    CommitTurn,
    beeps,
)
from trialogue.agents.context._asking import ask_model
from trialogue.agents.events._call_events import CallAnswered
from trialogue.agents.session._hooks import HookCalls
from trialogue.agents.speech._reply import Asked
from trialogue.engine import (
    Channel,
    ChannelBroken,
    ChannelClosed,
    ChannelEnded,
    Graph,
    Inbox,
    LanguageModel,
    Outbox,
    RestartPolicy,
    merge,
)
from trialogue.engine._checks import above
from trialogue.frames import AudioFrame, ChatMessage
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from trialogue.actors import TurnInput
    from trialogue.agents.context._books import Books
    from trialogue.agents.speech._mouth import Mouth

#: Facts that may wait to be judged: more than a stall of seconds can bring.
_FACTS: Final = 256

#: Sound that may wait for the ear that hears beeps, seconds; the oldest is dropped.
_SOUND_S: Final = 2.0

#: What a model is told that judges by the words.
_JUDGE: Final = (
    "Somebody has answered a telephone call, and this was said first. Who was it? Answer with one of these words and "
    "nothing else: person, mailbox (a recording that takes messages), menu (a recording that offers choices), "
    "unavailable (a recording that says that nobody can be reached)."
)
_JUDGEMENTS: Final[dict[str, CalleeKind]] = {
    "person": "person",
    "mailbox": "mailbox",
    "menu": "menu",
    "unavailable": "unavailable",
}


@frozen(kw_only=True)
class OutboundSettings:
    """What an outbound session does about who answers.

    Until that is known, nothing is said, and what the callee says is no turn: the agent's first words wait, ready.

    Args:
        callee: when it is known.
        message: what a mailbox is told after its beep. Then the call ends; empty: at once.
        answer_menus: whether a menu is a user like any other: what it says is a turn. Else the call ends.
        judge: also asked who that was, by the words; None goes by timing and known phrases alone.
        judge_s: so long it may take, seconds; then timing and phrases count.
    """

    callee: CalleeSettings = attrs.Factory(CalleeSettings)
    message: str = ""
    answer_menus: bool = False
    judge: LanguageModel | None = None
    judge_s: float = attrs.field(default=2.0, validator=above(0))


class CalleeDesk:
    """Waits for whoever answers, and does what is to be done about it.

    Args:
        books: remember and tell.
        mouth: holds its words until then.
        settings: what is to be done.
        known: called when it is known who answers, and what the callee says counts.
    """

    def __init__(self, books: Books, mouth: Mouth, settings: OutboundSettings, known: Callable[[], None]) -> None:
        self._books = books
        self._mouth = mouth
        self._settings = settings
        self._known = known
        self._hooks = HookCalls(books.emit, books.time)
        #: What the callee does, until it is known.
        self.facts = Channel[CalleeInput]("facts of the callee", capacity=_FACTS, overflow="drop oldest")

    def hold(self) -> None:
        """The call is answered: let nothing be heard of the agent. Synchronous."""
        self._mouth.gate.shut("callee")

    def observe(self, fact: TurnInput) -> None:
        """Note what the callee does, for as long as it is not known who it is. Synchronous."""
        if isinstance(fact, get_args(CalleeInput)):
            with contextlib.suppress(ChannelBroken, ChannelClosed):
                self.facts.outbox.send_nowait(fact)

    async def judge(self, facts: Inbox[CalleeInput]) -> CalleeJudged | None:
        """Wait until it is known who answers; None where they hang up before."""
        time, judged = self._books.time, None
        policy = CalleePolicy(0.0, self._settings.callee)
        while judged is None:
            deadline_s = policy.deadline
            assert deadline_s is not None
            with trio.move_on_at(time.epoch_s + deadline_s) as waiting:
                try:
                    fact = await facts.receive()
                except ChannelEnded:
                    return None
                judged = policy.on_frame(fact, time.now_s)
            if waiting.cancelled_caught:
                judged = policy.on_time(max(deadline_s, time.now_s))
        return await self._judged_by_model(judged)

    async def act(self, judged: CalleeJudged, end: Callable[[str], None]) -> None:
        """Tell who it is, and do what is to be done.

        Args:
            judged: who answers.
            end: ends the call, for a reason.
        """
        self._books.emit(
            CallAnswered(at_s=self._books.time.now_s, kind=judged.kind, text=judged.text, reason=judged.reason)
        )
        match judged.kind:
            case "person" | "uncertain":
                self._go_on_with(judged)
            case "menu" if self._settings.answer_menus:
                self._mouth.interrupt("a menu has answered", force=True)
                self._answer(judged)
            case "mailbox" if self._settings.message:
                self._mouth.interrupt("a mailbox has answered", force=True)
                reply = self._mouth.ask_for(Asked(kind="say", text=self._settings.message, protected=True))
                self._mouth.gate.open("callee")
                left = await reply.wait() == "completed"
                end("a message was left" if left else "a mailbox has answered, and no message could be left")
            case "unavailable":
                end("nobody can be reached")  # what they said tells CallAnswered, which can be redacted
            case _:
                end(f"a {judged.kind} has answered")

    def _go_on_with(self, judged: CalleeJudged) -> None:
        """Somebody listens: what they said is remembered, but needs no answer; the agent has its own first words."""
        if judged.text:
            self._books.history.add(ChatMessage(role="user", text=judged.text))
        self._known()
        self._mouth.gate.open("callee")

    def _answer(self, judged: CalleeJudged) -> None:
        """What the menu has said is a turn."""
        at_s, now_s = judged.at_s, self._books.time.now_s
        turn = CommitTurn(text=judged.text, speech_ended_s=at_s, words_final_s=at_s, committed_s=now_s)
        self._books.turn_ended(turn)
        self._known()
        self._mouth.gate.open("callee")
        self._mouth.answer(turn)

    async def _judged_by_model(self, judged: CalleeJudged) -> CalleeJudged:
        model = self._settings.judge
        if model is None or not judged.text:
            return judged
        ask = functools.partial(ask_model, model, _JUDGE, judged.text, name="the model that judges who answers")
        word = str(await self._hooks.call("judge of the callee", ask, self._settings.judge_s, "")).strip(" .\n").lower()
        kind = _JUDGEMENTS.get(word, judged.kind)
        return judged if kind == judged.kind else attrs.evolve(judged, kind=kind, reason="a model, by the words")


def add_callee(graph: Graph, desk: CalleeDesk, end: Callable[[str], None]) -> None:
    """Let somebody wait for whoever answers, by what is said."""
    graph.outside(desk.facts.outbox)
    graph.add(callee, desk.facts.inbox, desk=desk, end=end)


def add_hearing_callee(graph: Graph, desk: CalleeDesk, end: Callable[[str], None]) -> Outbox[AudioFrame]:
    """Like `add_callee`, but beeps count as well; returns where the sound goes."""
    sound = Channel[AudioFrame]("sound with beeps", seconds=_SOUND_S, overflow="drop oldest")
    heard = Channel[BeepHeard]("beeps", capacity=_FACTS)
    graph.outside(desk.facts.outbox)
    graph.supervise(graph.add(beeps, sound.inbox, heard.outbox), RestartPolicy(then="go on without it"))
    graph.add(callee, merge(desk.facts.inbox, heard.inbox), desk=desk, end=end)
    return sound.outbox


async def callee(facts_in: Inbox[CalleeInput], *, desk: CalleeDesk, end: Callable[[str], None]) -> None:
    """Find out who answers, and do what is to be done about it."""
    judged = await desk.judge(facts_in)
    facts_in.detach()
    if judged is not None:
        await desk.act(judged, end)
