"""The turn actor: a thin shell that tells the policy facts and the time, and has its decisions carried out."""

from __future__ import annotations

import math
from typing import Protocol

import trio

from trialogue.actors.turn._policy import TurnDecision, TurnInput, TurnPolicy
from trialogue.engine import ChannelEnded, Inbox


class Floor(Protocol):
    """Where decisions are carried out: the conversation."""

    def observe(self, fact: TurnInput) -> None:
        """A fact is about to be judged. Synchronous; it must not raise."""

    def carry_out(self, decision: TurnDecision) -> None:
        """Do it, completely, before anything else happens. Synchronous; it must not raise."""


async def turn(facts_in: Inbox[TurnInput], *, policy: TurnPolicy, floor: Floor, epoch_s: float) -> None:
    """Decide who has the floor.

    Between taking a fact in and carrying out what it leads to there is no checkpoint: nobody sees half a transition.

    Args:
        facts_in: edges of speech, transcripts, and what becomes of replies, in the order in which they happened.
        policy: decides.
        floor: does.
        epoch_s: the session's beginning on Trio's clock, seconds.
    """
    while True:
        deadline = policy.deadline
        decisions: list[TurnDecision] = []
        with trio.move_on_at(math.inf if deadline is None else epoch_s + deadline) as waiting:
            try:
                fact = await facts_in.receive()
            except ChannelEnded:
                return
            floor.observe(fact)
            decisions = policy.on_frame(fact, trio.current_time() - epoch_s)
        if waiting.cancelled_caught:
            assert deadline is not None
            decisions = policy.on_time(max(deadline, trio.current_time() - epoch_s))
        for decision in decisions:
            floor.carry_out(decision)
