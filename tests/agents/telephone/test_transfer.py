"""Lines, bridges, and transfers that ask first."""

from __future__ import annotations

import contextlib
import math
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import attrs
import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest
import trio

from trialogue.actors import Clip
from trialogue.agents import (
    Agent,
    AgentStoppedSpeaking,
    BackgroundSettings,
    ConversationSettings,
    Event,
    KeyTransport,
    Models,
    Session,
    SessionEnded,
    SessionSettings,
    ToolContext,
    ToolFinished,
    UserMuted,
    UserPressedKey,
    UserTurnEnded,
    UserUnmuted,
    tool,
)
from trialogue.agents.telephone import PhoneLine, TransferOutcome, TransferSettings, WarmTransfer, bridge, line_of
from trialogue.agents.testing import Answer, FakeCall, FakeLlm, FakeStt, FakeTts, FakeVad, LeaseStatistics, Speech
from trialogue.agents.testing import Line as Says
from trialogue.engine import (
    Channel,
    ConfigurationError,
    Inbox,
    Outbox,
    ProviderError,
    TransportBroken,
    VirtualTime,
    run,
)
from trialogue.engine.testing import check_transport
from trialogue.frames import SPEECH_FORMAT, AudioFormat, AudioFrame, KeyPressed, ToolCall

if TYPE_CHECKING:
    from trio.testing import MockClock

    from trialogue.engine import Transport

E_co = TypeVar("E_co", bound=Event)

#: The value of the samples of a fake caller, and of those of hold sound.
VOICE, HOLD = 1000, 77


def use(name: str, arguments: str = "{}") -> Answer:
    """The model calls a tool."""
    return Answer([ToolCall(call_id=name, name=name, arguments=arguments)])


def models(*utterances: str, answers: Sequence[Answer | str] = ()) -> Models:
    """Fakes that hear these words and give these answers."""
    return Models(
        vad=FakeVad(),
        stt=FakeStt(utterances=list(utterances)),
        llm=FakeLlm(answers=list(answers)),
        tts=FakeTts(every=Speech(word_s=0.1)),
    )


class Desk(Agent):
    """Connects callers with Bob."""

    def __init__(self, transfer: Callable[[], WarmTransfer], *, mutes: bool = False) -> None:
        super().__init__(instructions="You answer the phone.")
        self.transfer = transfer
        self.mutes = mutes
        self.outcomes: list[TransferOutcome] = []

    @tool
    async def connect(self, context: ToolContext) -> str:
        """Connect the caller with Bob."""
        if self.mutes:
            context.session.mute()
        outcome = await self.transfer().run(context.session)
        self.outcomes.append(outcome)
        return f"{outcome.kind}: {outcome.reason}"


@attrs.define(kw_only=True, eq=False)
class Office:
    """A caller, and Bob, whom they want to be connected with.

    Args:
        caller: the caller's telephone.
        bob: Bob's.
        says: what Bob is understood to say, before he is connected.
        decides: what the model makes of it.
        answers: what is said to the caller, after the tool was called.
        rings_s: so long it rings at Bob's.
        terms: of the transfer.
        fault: what dialling raises.
        another_s: when another agent takes over, seconds.
        mutes: whether the program mutes the caller before.
    """

    caller: FakeCall
    bob: FakeCall
    says: Sequence[str] = ("hello", "yes please")
    decides: Sequence[Answer | str] = ()
    summary: Answer | str = "Ann wants her bike."
    answers: Sequence[Answer | str] = ("Bob had no time.", "You are welcome.")
    rings_s: float = 1.0
    terms: TransferSettings = attrs.Factory(TransferSettings)
    fault: Exception | None = None
    another_s: float = math.inf
    mutes: bool = False
    background: BackgroundSettings | None = None
    #: What came of it.
    outcomes: list[TransferOutcome] = attrs.field(factory=list, init=False)
    events: list[Event] = attrs.field(factory=list, init=False)
    dialled: int = attrs.field(default=0, init=False)
    hung_up: int = attrs.field(default=0, init=False)
    leases: list[Callable[[], LeaseStatistics]] = attrs.field(factory=list, init=False)

    @contextlib.asynccontextmanager
    async def dial(self) -> AsyncGenerator[Transport, None]:
        """Call Bob."""
        self.dialled += 1
        try:
            await trio.sleep(self.rings_s)
            if self.fault is not None:
                raise self.fault
            yield self.bob
        finally:
            self.hung_up += 1

    def hold(self) -> Office:
        """Hold the call, in virtual time."""
        run(self._hold, virtual=VirtualTime(seed=1))
        for lease in self.leases:
            assert lease().open_now == 0
        assert self.dialled == self.hung_up
        return self

    async def _hold(self) -> None:
        line = line_of(self.caller)
        ours = models("I want to speak with Bob", "thanks", answers=[use("connect"), *self.answers])
        theirs = models(*self.says, answers=[self.summary, *self.decides])
        for each in (ours, theirs):
            self.leases += [each.vad.statistics, each.stt.statistics, each.llm.statistics, each.tts.statistics]  # type: ignore[union-attr]  # fakes
        agent = Desk(lambda: WarmTransfer(line, self.dial, models=theirs, settings=self.terms), mutes=self.mutes)
        settings = SessionSettings(conversation=ConversationSettings(background=self.background))
        with trio.fail_after(600):
            async with Session(
                agent, models=ours, transport=line, settings=settings, observers=[self.events.append]
            ) as session:
                with trio.move_on_after(self.another_s):
                    await session.wait_ended()
                if not session.ended:
                    session.handoff(Agent(instructions="You are another one."))
                    await session.wait_ended()
        self.outcomes = agent.outcomes

    def of(self, kind: type[E_co]) -> list[E_co]:
        """The events of one kind, of the caller's session."""
        return [event for event in self.events if isinstance(event, kind)]

    def said(self) -> list[str]:
        """What the caller has heard of agents."""
        return [event.heard.strip() for event in self.of(AgentStoppedSpeaking) if event.heard]


def caller(hangs_up_s: float = 30.0) -> FakeCall:
    """The caller wants Bob, and speaks again at 20 s."""
    return FakeCall(lines=[Says(at_s=1.0, for_s=1.0), Says(at_s=20.0, for_s=1.5)], hangs_up_s=hangs_up_s)


def bob(
    *more: Says, hangs_up_s: float = 60.0, hears: AudioFormat = SPEECH_FORMAT, says: AudioFormat = SPEECH_FORMAT
) -> FakeCall:
    """Bob says hello, and something to the question."""
    return FakeCall(
        lines=[Says(at_s=0.5, for_s=0.5), Says(at_s=5.0, for_s=0.5), *more],
        hangs_up_s=hangs_up_s,
        speaker_format=hears,
        microphone_format=says,
    )


@pytest.mark.parametrize(("says_hz", "hears_hz"), [(16_000, 16_000), (8000, 8000), (48_000, 24_000)])
def test_who_takes_the_call_is_told_first_and_then_both_hear_each_other(says_hz: int, hears_hz: int) -> None:
    says, hears = AudioFormat(rate_hz=says_hz), AudioFormat(rate_hz=hears_hz)
    phone = bob(Says(at_s=12.0, for_s=1.0), hangs_up_s=20.0, says=says, hears=hears)
    office = Office(caller=caller(), bob=phone, decides=[use("accept")]).hold()
    (outcome,) = office.outcomes
    assert (outcome.kind, outcome.reason, outcome.summary) == ("connected", "the other hung up", "Ann wants her bike.")
    assert office.said() == ["One moment, please. I will connect you.", "Bob had no time."]
    began_s = office.bob.epoch_s
    assert began_s is not None
    assert office.caller.epoch_s is not None
    apart_s = began_s - office.caller.epoch_s
    ((start_s, end_s),) = heard_s_about(office.caller)
    assert start_s == pytest.approx(12.0 + apart_s, abs=0.06)
    assert end_s - start_s == pytest.approx(1.0, abs=0.06)
    (start_s, end_s) = heard_s_about(office.bob)[-1]
    assert start_s == pytest.approx(20.0 - apart_s, abs=0.06)
    assert end_s - start_s == pytest.approx(1.5, abs=0.06)
    assert outcome.talked_s == pytest.approx(12.5, abs=1.0)
    assert [turn.text for turn in office.of(UserTurnEnded)] == ["I want to speak with Bob"]  # nobody listened in


def heard_s_about(call: FakeCall) -> list[tuple[float, float]]:
    """Like heard_s for a fake caller's voice, which resampling has changed by a little; the fake voice is louder."""
    sound = np.frombuffer(call.sound(), dtype="<i2").astype(int)
    at = np.flatnonzero(np.abs(sound - VOICE) <= 60) / call.speaker_format.rate_hz
    if not len(at):
        return []
    gaps = np.flatnonzero(np.diff(at) > 0.1)
    starts, ends = at[np.r_[0, gaps + 1]], at[np.r_[gaps, len(at) - 1]]
    return [(float(start), float(end)) for start, end in zip(starts, ends, strict=True) if end - start > 0.5]


def kinds(office: Office) -> list[tuple[str, str]]:
    """What came of each transfer, and why."""
    return [(outcome.kind, outcome.reason) for outcome in office.outcomes]


@pytest.mark.parametrize(
    ("office", "outcome"),
    [
        (
            Office(caller=caller(), bob=bob(), decides=[use("decline", '{"reason": "in a meeting"}')]),
            ("declined", "in a meeting"),
        ),
        (
            Office(caller=caller(), bob=bob(), rings_s=99.0, terms=TransferSettings(ring_s=8.0)),
            ("no answer", "nobody has answered for 8 s"),
        ),
        (
            Office(caller=caller(60.0), bob=FakeCall(), terms=TransferSettings(decide_s=15.0)),
            ("undecided", "they did not say whether they take the call"),
        ),
        (
            Office(caller=caller(), bob=bob(), says=["please leave a message after the tone"]),
            ("machine", "a mailbox has answered"),
        ),
        (Office(caller=caller(), bob=bob(hangs_up_s=3.0)), ("declined", "they hung up")),
        (
            Office(caller=caller(), bob=bob(), fault=ProviderError("no such number")),
            ("failed", "ProviderError: no such number"),
        ),
        (
            Office(caller=caller(), bob=bob(), terms=TransferSettings(hold=Clip(np.ones(1, dtype=np.int16), 16_000))),
            (
                "failed",
                "ConfigurationError: this session has no background sound; give it "
                "ConversationSettings(background=BackgroundSettings())",
            ),
        ),
    ],
    ids=["declined", "no answer", "undecided", "machine", "hung up", "failed", "no background"],
)
def test_where_it_comes_to_nothing_the_session_goes_on_with_the_outcome(
    office: Office, outcome: tuple[str, str]
) -> None:
    office.hold()
    assert kinds(office) == [outcome]
    assert office.said()[:2] == ["One moment, please. I will connect you.", "Bob had no time."]
    assert office.of(SessionEnded)[0].reason == "the user has gone"


@pytest.mark.parametrize("breaks_s", [1.0, 4.0, 15.0])
def test_a_broken_wire_on_the_other_side_is_an_outcome(breaks_s: float) -> None:
    broken = attrs.evolve(bob(), breaks_s=breaks_s)
    office = Office(caller=caller(), bob=broken, decides=[use("accept")]).hold()
    ((kind, reason),) = kinds(office)
    assert kind == "failed"
    assert "the fake wire broke" in reason


@pytest.mark.parametrize("after_s", [2.55, 2.61, 3.0, 4.5, 6.0, 9.2, 10.0, 15.0])
def test_a_caller_who_hangs_up_ends_everything(after_s: float) -> None:
    office = Office(caller=caller(after_s), bob=bob(), rings_s=3.0, decides=[use("accept")]).hold()
    assert office.outcomes == []
    assert office.of(SessionEnded)[0].at_s == pytest.approx(after_s, abs=0.05)


@pytest.mark.parametrize("fails_s", [0.3, 0.5, 0.8])
def test_a_transfer_that_another_agent_has_ended_fails_no_more(fails_s: float) -> None:
    fault = ProviderError("no such number")
    office = Office(caller=caller(), bob=bob(), fault=fault, rings_s=fails_s, another_s=2.8).hold()
    assert office.outcomes == []
    (finished,) = office.of(ToolFinished)
    assert "WarmTransfer has ended without a value: another agent takes over" in finished.output


@pytest.mark.parametrize("mutes", [False, True])
def test_whom_the_program_has_muted_is_muted_afterwards_too(mutes: bool) -> None:
    office = Office(caller=caller(), bob=bob(), decides=[use("decline")], mutes=mutes).hold()
    assert kinds(office) == [("declined", "they do not take the call")]
    assert len(office.of(UserMuted)) == 1
    assert len(office.of(UserUnmuted)) == (0 if mutes else 1)
    assert len(office.of(UserTurnEnded)) == (1 if mutes else 2)


def test_the_caller_hears_the_hold_sound_until_somebody_is_there() -> None:
    clip = Clip(np.full(16_000, HOLD, dtype=np.int16), 16_000)
    terms = TransferSettings(hold=clip, hold_volume=1.0)
    office = Office(
        caller=caller(),
        bob=bob(Says(at_s=12.0, for_s=1.0), hangs_up_s=20.0),
        decides=[use("accept")],
        terms=terms,
        background=BackgroundSettings(),
    ).hold()
    (outcome,) = office.outcomes
    sound = np.frombuffer(office.caller.sound(), dtype="<i2")
    held = np.flatnonzero(sound == HOLD) / 16_000
    assert held[0] == pytest.approx(3.5, abs=0.3)
    unmuted_s = 23.6
    connected_s = unmuted_s - outcome.talked_s
    assert held[-1] == pytest.approx(connected_s, abs=0.3)


@pytest.mark.parametrize(
    ("summary", "told"),
    [
        (Answer(["x"], dies_at=0), "A caller waits, who has said: I want to speak with Bob"),
        (Answer(["x"], first_token_s=60.0), "A caller waits, who has said: I want to speak with Bob"),
        ("Ann wants her bike.", "Ann wants her bike."),
    ],
    ids=["fails", "late", "written"],
)
def test_whoever_answers_is_told_what_it_is_about(summary: Answer | str, told: str) -> None:
    terms = TransferSettings(consultation=SessionSettings())
    office = Office(caller=caller(), bob=bob(), summary=summary, decides=[use("decline")], terms=terms).hold()
    assert [outcome.summary for outcome in office.outcomes] == [told]


@hypothesis.settings(max_examples=15)
@hypothesis.given(
    st.floats(2.5, 30.0), st.floats(0.1, 30.0), st.floats(0.1, 60.0), st.sampled_from(["accept", "decline", ""])
)
def test_whenever_anybody_goes_there_is_an_outcome_or_nobody_to_hear_it_and_nothing_is_left(
    caller_s: float, bob_s: float, breaks_s: float, decision: str
) -> None:
    phone = attrs.evolve(bob(Says(at_s=12.0, for_s=1.0), hangs_up_s=bob_s), breaks_s=breaks_s)
    office = Office(caller=caller(caller_s), bob=phone, decides=[use(decision) if decision else "What?"] * 3).hold()
    assert len(office.outcomes) <= 1
    for outcome in office.outcomes:
        assert outcome.kind in {"connected", "declined", "no answer", "machine", "undecided", "failed"}
        assert outcome.reason


# -- lines


async def test_a_line_keeps_the_contract_of_transports(autojump_clock: MockClock) -> None:
    await check_transport(lambda: PhoneLine(FakeCall(lines=[Says(at_s=0.1, for_s=1.0)], hangs_up_s=5.0)))


async def test_a_line_is_joined_to_one_other_at_a_time(autojump_clock: MockClock) -> None:
    one, two, three = (PhoneLine(FakeCall()) for _ in range(3))
    one.gone.set()
    with one.joined(two), pytest.raises(ConfigurationError, match="joined to another one already"):
        await bridge(three, one)
    assert await bridge(one, two) == "one"
    assert await bridge(two, one) == "other"


async def test_what_is_said_to_a_line_whose_session_ends_is_lost_and_breaks_nobody(autojump_clock: MockClock) -> None:
    class Slow(FakeCall):
        """Plays to its end what it was given."""

        async def speaker(self, audio_in: Inbox[AudioFrame]) -> None:
            await super().speaker(audio_in)
            await trio.sleep(0.5)

    one, other = PhoneLine(FakeCall(lines=[Says(at_s=0.1, for_s=5.0)], hangs_up_s=5.0)), PhoneLine(Slow())
    microphone, own = (Channel[AudioFrame](name, seconds=60.0) for name in ("microphone", "own sound"))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(one.microphone, microphone.outbox)
        nursery.start_soon(other.speaker, own.inbox)
        nursery.start_soon(_close_at, 1.0, own)
        assert await bridge(one, other) == "other"


async def _close_at(at_s: float, channel: Channel[AudioFrame]) -> None:
    await trio.sleep(at_s)
    channel.outbox.close()


async def test_a_broken_wire_is_told_as_without_a_line(autojump_clock: MockClock) -> None:
    line = PhoneLine(FakeCall(breaks_s=1.0))
    with pytest.raises(TransportBroken):
        await line.microphone(Channel[AudioFrame]("microphone", seconds=60.0).outbox)
    assert line.gone.is_set()


def test_a_line_brings_keys_if_its_transport_does() -> None:
    @attrs.define(kw_only=True, eq=False)
    class Pad(FakeCall):
        async def keys(self, keys_out: Outbox[KeyPressed]) -> None:
            await keys_out.send(KeyPressed(key="7", at_s=0.0))

    assert isinstance(line_of(Pad()), KeyTransport)
    assert not isinstance(line_of(FakeCall()), KeyTransport)
    events: list[Event] = []

    async def hold() -> None:
        line = line_of(Pad(hangs_up_s=1.0))
        async with Session(
            Agent(instructions="x"), models=models(), transport=line, observers=[events.append]
        ) as session:
            await session.wait_ended()

    run(hold, virtual=VirtualTime())
    assert [event.key for event in events if isinstance(event, UserPressedKey)] == ["7"]
