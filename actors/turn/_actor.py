"""The turn actor: a thin shell that tells the policy facts and the time, and has its decisions carried out."""

from __future__ import annotations

import contextlib
import math
from typing import Final, Protocol

import trio

from trialogue.actors.turn._decisions import TurnDecision
from trialogue.actors.turn._facts import TurnInput
from trialogue.actors.turn._policy import TurnPolicy
from trialogue.engine import ChannelEnded, Inbox
from trialogue.frames import SPEECH_FORMAT, InterimTranscript, SpeechEdge

#: How far the ears may be behind the clock without anything being wrong, seconds: a frame and a look of the detector.
_BEHIND_S: Final = 0.1

#: How long a decision that is due waits for ears that are further behind, seconds; sound that stays away longer than
#: this stays away for good, and silence is what it is taken for.
_CATCH_UP_S: Final = 0.5


class Floor(Protocol):
    """Where decisions are carried out: the conversation."""

    def observe(self, fact: TurnInput) -> None:
        """A fact is about to be judged. Synchronous; it must not raise."""

    def follow(self, edge: SpeechEdge) -> None:
        """The user has begun or ceased to speak, as the policy sees it. Synchronous; it must not raise."""

    def carry_out(self, decision: TurnDecision) -> None:
        """Do it, completely, before anything else happens. Synchronous; it must not raise."""


async def turn(
    facts_in: Inbox[TurnInput],
    *,
    policy: TurnPolicy,
    floor: Floor,
    epoch_s: float,
    heard_in: Inbox[float] | None = None,
) -> None:
    """Decide who has the floor.

    Between taking a fact in and carrying out what it leads to there is no checkpoint: nobody sees half a transition.

    Sound that comes late (a stalled loop, a jittery line) is judged by when it was said: a decision that is due waits
    until the ears have heard up to that moment, but no longer than half a second.

    Args:
        facts_in: edges of speech, transcripts, and what becomes of replies, in the order in which they happened.
        policy: decides.
        floor: does.
        epoch_s: the session's beginning on Trio's clock, seconds.
        heard_in: up to when the ears have heard, session time in seconds; None trusts the clock.
    """
    ears = _Ears(heard_in)
    while True:
        deadline = policy.deadline
        try:
            fact = await _next_fact(facts_in, math.inf if deadline is None else epoch_s + deadline)
        except ChannelEnded:
            return
        if fact is not None:
            floor.observe(fact)
            now_s = trio.current_time() - epoch_s
            if isinstance(fact, InterimTranscript):  # the end of the speech may be in the queue already
                now_s = min(now_s, fact.end_sample / SPEECH_FORMAT.rate_hz)
            decisions = policy.on_frame(fact, now_s)
        else:
            assert deadline is not None
            if await ears.catch_up(deadline):
                continue  # there may be news from before the deadline
            decisions = policy.on_time(max(deadline, trio.current_time() - epoch_s))
        for edge in policy.edges:
            floor.follow(edge)
        for decision in decisions:
            floor.carry_out(decision)


async def _next_fact(facts_in: Inbox[TurnInput], until_s: float) -> TurnInput | None:
    """The next fact; None if there is none until a moment on Trio's clock. A scope would cost as much as a fact does.

    Raises:
        ChannelEnded: none will ever come.
    """
    if until_s == math.inf:
        return await facts_in.receive()
    if until_s > trio.current_time():
        with trio.move_on_at(until_s):
            return await facts_in.receive()
        return None
    with contextlib.suppress(trio.WouldBlock):
        return facts_in.receive_nowait()
    await trio.lowlevel.checkpoint()  # who runs in this very moment may bring one
    with contextlib.suppress(trio.WouldBlock):
        return facts_in.receive_nowait()
    return None


class _Ears:
    """How far the ears are behind.

    Args:
        inbox: up to when they have heard, session time in seconds; None if nobody tells.
    """

    def __init__(self, inbox: Inbox[float] | None) -> None:
        self._inbox = inbox
        self._heard_s = 0.0 if inbox is not None else math.inf
        self._waited_for_s = -math.inf

    async def catch_up(self, deadline_s: float) -> bool:
        """Let them hear what was said before a moment; once for each. Whether that took a while."""
        self._look()
        if self._inbox is None or deadline_s <= self._waited_for_s or deadline_s - self._heard_s <= _BEHIND_S:
            return False
        self._waited_for_s = deadline_s
        with trio.move_on_after(_CATCH_UP_S):
            while self._heard_s < deadline_s:
                try:
                    self._heard_s = await self._inbox.receive()
                except ChannelEnded:
                    self._heard_s = math.inf
        return True

    def _look(self) -> None:
        if self._inbox is None:
            return
        with contextlib.suppress(trio.WouldBlock):
            try:
                self._heard_s = self._inbox.receive_nowait()
            except ChannelEnded:
                self._heard_s = math.inf
