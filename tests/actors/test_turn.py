"""The turn actor: in virtual time it decides the same, at the same moments, as its policy by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import hypothesis
import hypothesis.strategies as st
import trio

from trialogue.actors import (
    MicrophoneMuted,
    MicrophoneUnmuted,
    ReplyEnded,
    ReplyStarted,
    ToolsFinished,
    ToolsStarted,
    TurnCleared,
    TurnCommitted,
    TurnDecision,
    TurnInput,
    TurnPolicy,
    UserActed,
    turn,
)
from trialogue.engine import Channel, VirtualTime, run
from trialogue.frames import FinalTranscript, InterimTranscript, PlayoutStarted, SpeechEdge, SpeechEnded, SpeechStarted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: A fact, and how long after the one before it comes.
Step = tuple[float, TurnInput]

#: No sum of them is one of the policy's own delays: what happens in the same moment may happen in either order.
DELAYS_S = st.sampled_from([0.0, 0.0213, 0.1307, 0.3109, 0.4111, 0.7717, 2.0203])
PROGRAM: list[Callable[..., TurnInput]] = [
    TurnCommitted,
    TurnCleared,
    MicrophoneMuted,
    MicrophoneUnmuted,
    UserActed,
    ToolsStarted,
    ToolsFinished,
]
TEXTS = st.sampled_from(["", "mhm", "wait", "hello there", "one"])


@st.composite
def stories(draw: st.DrawFn) -> list[Step]:
    """Facts in an order that can happen, each with the time at which it comes."""
    steps: list[Step] = []
    now_s, onset_s, replies = 0.0, None, 0
    for _ in range(draw(st.integers(0, 14))):
        delay_s = draw(DELAYS_S)
        now_s += delay_s
        sample = round(now_s * 16_000)
        kind = draw(st.sampled_from(["edge", "edge", "words", "final", "reply", "heard", "over", "program"]))
        fact: TurnInput
        if kind == "edge" and onset_s is None:
            onset_s, fact = now_s, SpeechStarted(at_sample=sample, at_s=now_s, detected_s=now_s)
        elif kind == "edge" and onset_s is not None:
            onset_s, fact = None, SpeechEnded(at_sample=sample, at_s=now_s, detected_s=now_s)
        elif kind == "words":
            fact = InterimTranscript(text=draw(TEXTS), start_sample=0, end_sample=sample + 1)
        elif kind == "final":
            fact = FinalTranscript(text=draw(TEXTS), start_sample=0, end_sample=sample + 1)
        elif kind == "heard":
            name = str(replies)
            fact = PlayoutStarted(
                reply_id=name, at_s=now_s, at_sample=sample, first_sentence_s=now_s, first_sound_s=now_s
            )
        elif kind == "program":
            fact = draw(st.sampled_from(PROGRAM))(at_s=now_s)
        elif kind == "over":
            fact = ReplyEnded(reply_id=str(replies))
        else:
            steps.append((delay_s, ReplyEnded(reply_id=str(replies))))
            replies, delay_s = replies + 1, 0.0
            fact = ReplyStarted(reply_id=str(replies))
        steps.append((delay_s, fact))
    return steps


class Notebook:
    """A floor that only takes notes."""

    def __init__(self) -> None:
        self.observed: list[TurnInput] = []
        self.decided: list[TurnDecision] = []
        self.at_s: list[float] = []
        self.began_s = trio.current_time()

    def follow(self, edge: SpeechEdge) -> None:
        pass

    def observe(self, fact: TurnInput) -> None:
        """A fact."""
        self.observed.append(fact)

    def carry_out(self, decision: TurnDecision) -> None:
        """A decision."""
        self.decided.append(decision)
        self.at_s.append(trio.current_time() - self.began_s)


async def by_actor(story: Sequence[Step]) -> Notebook:
    """What the actor decides."""
    facts = Channel[TurnInput]("facts", capacity=100)
    notes = Notebook()
    async with trio.open_nursery() as nursery:

        async def live() -> None:
            await turn(facts.inbox, policy=TurnPolicy(), floor=notes, epoch_s=notes.began_s)

        nursery.start_soon(live)
        at_s = 0.0
        for delay_s, fact in story:
            at_s += delay_s
            await trio.sleep_until(notes.began_s + at_s)
            await facts.outbox.send(fact)
            await trio.testing.wait_all_tasks_blocked()
        await trio.sleep(10)
        facts.outbox.close()
    return notes


def by_hand(story: Sequence[Step]) -> list[TurnDecision]:
    """What the policy decides when somebody watches the clock for it."""
    policy = TurnPolicy()
    decided: list[TurnDecision] = []

    def keep_deadlines(until_s: float) -> None:
        while (due_s := policy.deadline) is not None and (due_s <= now_s or due_s < until_s):
            decided.extend(policy.on_time(max(due_s, now_s)))

    now_s = 0.0
    for delay_s, fact in story:
        keep_deadlines(now_s + delay_s)
        now_s += delay_s
        decided += policy.on_frame(fact, now_s)
    keep_deadlines(now_s + 10)
    return decided


def short(decisions: Sequence[TurnDecision]) -> list[tuple[str, str]]:
    """Kinds and words of decisions."""
    return [(type(each).__name__, getattr(each, "text", getattr(each, "reason", ""))) for each in decisions]


@hypothesis.given(story=stories(), seed=st.integers(0, 3))
def test_the_actor_decides_what_the_policy_decides_by_hand(story: list[Step], seed: int) -> None:
    notes = run(by_actor, story, virtual=VirtualTime(seed=seed))
    assert notes.observed == [fact for _, fact in story]
    assert short(notes.decided) == short(by_hand(story))
