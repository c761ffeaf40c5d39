"""Keys of a telephone in a session: pressed by the user, collected, answered; and sent by the agent."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncGenerator
from typing import Literal

import attrs
import hypothesis
import hypothesis.strategies as st
import pytest
import trio

from tests.agents.conversation import Talk
from trialogue.actors import KeypadSettings, KeysEntered, key_tones
from trialogue.agents import (
    ActorFailed,
    Agent,
    AgentPressedKeys,
    AgentStartedSpeaking,
    ConversationSettings,
    Event,
    Models,
    Session,
    SessionSettings,
    TelephoneSettings,
    UserPressedKey,
    UserSaid,
    UserStartedSpeaking,
    UserTurnEnded,
    UserWentAway,
)
from trialogue.agents.testing import (
    Call,
    Caller,
    FakeCall,
    FakeLlm,
    FakeStt,
    FakeTts,
    FakeVad,
    HangsUp,
    Line,
    NotHeard,
    Presses,
    Says,
    Scenario,
    Wire,
    check_laws,
    simulate,
)
from trialogue.engine import ConfigurationError, Outbox, TransportBroken, VirtualTime, run
from trialogue.frames import SPEECH_FORMAT, AudioFormat, AudioFrame, ChatMessage, KeyPressed

Level = Literal["text", "sound"]

#: How a scenario's keys come.
WAYS: list[tuple[Level, Wire]] = [
    ("text", Wire()),
    ("sound", Wire()),
    ("sound", Wire(keys="messages")),
    ("sound", Wire(jitter_s=0.05)),
]

every_way = pytest.mark.parametrize(("level", "wire"), WAYS, ids=["text", "tones", "messages", "jitter"])


def telephone(entry: KeypadSettings | None = None, *, hear_keys: bool = True) -> SessionSettings:
    """The settings of a session whose user is at a telephone."""
    return SessionSettings(
        conversation=ConversationSettings(telephone=TelephoneSettings(hear_keys=hear_keys, entry=entry))
    )


def pressed(call: Call) -> str:
    """The keys that the session has told of."""
    return "".join(event.key for event in call.of(UserPressedKey))


class Asks(Agent):
    """Asks for an account number, and says it back."""

    def __init__(self, settings: KeypadSettings | None = None) -> None:
        super().__init__(instructions="Be kind.")
        self.settings = settings
        self.entered: list[KeysEntered] = []

    async def on_enter(self, session: Session) -> None:
        """Ask."""
        session.say("Please type your account number and end with the pound key.")
        self.entered.append(await session.collect_keys(self.settings))
        session.say(f"That was {self.entered[0].keys or 'nothing'}.")


@every_way
def test_keys_are_told_with_their_times_and_are_no_words(level: Level, wire: Wire) -> None:
    does = (Presses(at_s=1.0, keys="42#"), Says(at_s=4.0, text="and now I speak"), Presses(at_s=7.0, keys="*"))
    call = simulate(
        Agent(instructions="Be kind."),
        Scenario(caller=does, answers=["Good."], level=level, wire=wire, settings=telephone()),
    )
    check_laws(call)
    assert [event.key for event in call.of(UserPressedKey)] == ["4", "2", "#", "*"]
    assert [event.at_s for event in call.of(UserPressedKey)] == pytest.approx([1.0, 1.2, 1.4, 7.0], abs=0.03)
    assert len(call.of(UserStartedSpeaking)) == 1
    assert [turn.text for turn in call.of(UserTurnEnded)] == ["and now I speak"]
    assert all(event.text in "and now I speak" for event in call.of(UserSaid))


@every_way
def test_an_entry_is_collected_and_its_first_key_silences_the_question(level: Level, wire: Wire) -> None:
    async def script(caller: Caller) -> None:
        await caller.hears("Please type")
        await caller.presses("4711#")
        await caller.hears("That was 4711.")

    agent = Asks()
    call = simulate(agent, Scenario(caller=script, level=level, wire=wire, settings=telephone()))
    check_laws(call)
    assert [entered.keys for entered in agent.entered] == ["4711"]
    assert agent.entered[0].ended_by == "the end key"
    call.order(
        "agent says Please type", "caller presses 4", "agent is cut off the user presses keys", "agent says That was"
    )
    call.agent.never_said("pound key")
    assert not call.of(UserTurnEnded)


def test_the_first_key_is_waited_for_from_the_end_of_the_question() -> None:
    agent = Asks(KeypadSettings(first_s=3.0))  # the question alone takes longer
    call = simulate(agent, Scenario(caller=[HangsUp(at_s=15.0)], settings=telephone()))
    question = call.of(AgentStartedSpeaking)[0].at_s + 11 * 0.3
    assert agent.entered[0].keys == ""
    assert agent.entered[0].at_s == pytest.approx(question + 3.0, abs=0.05)
    call.agent.said("That was nothing.")


def test_who_presses_keys_is_not_away() -> None:
    presses = [Presses(at_s=at_s, keys="1") for at_s in (14.0, 28.0)]
    call = simulate(
        Agent(instructions="Be kind."), Scenario(caller=[*presses, HangsUp(at_s=45.0)], settings=telephone())
    )
    assert [event.silent_since_s for event in call.of(UserWentAway)] == [pytest.approx(28.0)]


def test_a_collector_ends_with_the_call() -> None:
    entered: list[KeysEntered] = []

    async def do(session: Session) -> None:
        entered.append(await session.collect_keys())

    Talk(call=FakeCall(hangs_up_s=2.0), do=do).hold()
    assert [(each.keys, each.ended_by) for each in entered] == [("", "the end of the call")]


@every_way
def test_what_is_typed_and_not_collected_is_a_turn_where_that_is_wanted(level: Level, wire: Wire) -> None:
    async def script(caller: Caller) -> None:
        await caller.presses("12")
        await caller.hears("Sales.")
        await caller.presses("#")
        await caller.hears("Again?")

    scenario = Scenario(
        caller=script,
        answers=["Sales.", "Again?"],
        level=level,
        wire=wire,
        settings=telephone(KeypadSettings(pause_s=1.0)),
    )
    call = simulate(Agent(instructions="Be kind."), scenario)
    check_laws(call)
    said = [item.text for item in call.history if isinstance(item, ChatMessage) and item.role == "user"]
    assert said == ["[pressed 12]", "[pressed #]"]
    assert [turn.cause for turn in call.of(UserTurnEnded)] == ["typed", "typed"]


@every_way
def test_the_agent_presses_keys_in_order_with_what_it_says(level: Level, wire: Wire) -> None:
    class Types(Agent):
        async def on_enter(self, session: Session) -> None:
            session.say("One moment.")
            session.send_keys("1,2#")
            session.say("Done.")

    async def script(caller: Caller) -> None:
        await caller.hears("One moment.")
        await caller.hears_keys("12")
        await caller.hears_keys("#")
        await caller.hears("Done.")

    call = simulate(Types(instructions="Be kind."), Scenario(caller=script, level=level, wire=wire))
    check_laws(call)
    call.order("agent says One moment.", "agent pressed 1,2#", "agent says Done.")
    assert [item.text for item in call.history if isinstance(item, ChatMessage)] == ["One moment.", "Done."]


@pytest.mark.parametrize("level", ["text", "sound"])
def test_the_voice_of_the_user_stops_no_key_but_the_program_does(level: Level) -> None:
    class Types(Agent):
        async def on_enter(self, session: Session) -> None:
            session.send_keys("1234567890")

    talks = Says(at_s=0.3, text="wait please wait now")
    call = simulate(Types(instructions="x"), Scenario(caller=[talks], answers=["Yes."], level=level))
    check_laws(call)
    assert [event.keys for event in call.of(AgentPressedKeys)] == ["1234567890"]

    async def script(caller: Caller) -> None:
        await caller.waits(1.1)
        caller.session.interrupt(force=True)

    call = simulate(Types(instructions="x"), Scenario(caller=script, level=level))
    check_laws(call)
    (event,) = call.of(AgentPressedKeys)
    assert event.keys in {"12345", "123456"}


def test_a_key_that_does_not_exist_is_refused_at_once() -> None:
    refused: list[str] = []

    class Types(Agent):
        async def on_enter(self, session: Session) -> None:
            for keys in ("1x2", ""):
                with pytest.raises(ConfigurationError, match="cannot be pressed") as caught:
                    session.send_keys(keys)
                refused.append(str(caught.value))

    call = simulate(Types(instructions="x"), Scenario(caller=[Says(at_s=0.5, text="hello")], answers=["Hi."]))
    assert len(refused) == 2
    assert "'X'" in refused[0]
    assert not call.of(AgentPressedKeys)


def test_a_caller_who_listens_for_other_keys_says_so() -> None:
    class Types(Agent):
        async def on_enter(self, session: Session) -> None:
            session.send_keys("7")

    async def script(caller: Caller) -> None:
        await caller.hears_keys("8")

    with pytest.raises(NotHeard, match="has heard '7'"):
        simulate(Types(instructions="x"), Scenario(caller=script))


@attrs.define(kw_only=True, eq=False)
class Dials(FakeCall):
    """A caller who presses 4, 2 and # from the first second on, and says nothing."""

    async def microphone(self, audio_out: Outbox[AudioFrame]) -> None:
        """Send the tones, and two seconds of silence."""
        format, samples = self.microphone_format, self.microphone_format.samples(0.02)
        size = samples * format.bytes_per_sample
        pcm = format.silence(format.rate_hz) + key_tones("42#", format) + format.silence(2 * format.rate_hz)
        begun_s = trio.current_time()
        for number in range(len(pcm) // size):
            await trio.sleep_until(begun_s + (number + 1) * 0.02)
            frame = pcm[number * size :][:size]
            await audio_out.send(AudioFrame(pcm=frame, at_sample=number * samples, format=format))


class Keeps:
    """A denoiser that changes nothing, and keeps what it has heard."""

    rate_hz = SPEECH_FORMAT.rate_hz
    delay_samples = 0

    def __init__(self) -> None:
        self.heard = bytearray()

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[Keeps, None]:
        """One for each session."""
        yield self

    def process(self, pcm: bytes) -> bytes:
        """Hand it on."""
        self.heard += pcm
        return pcm


@pytest.mark.parametrize("rate_hz", [8000, 16_000, 48_000])
@pytest.mark.parametrize("denoises", [False, True])
def test_keys_are_heard_at_every_rate_and_before_any_denoiser(rate_hz: int, denoises: bool) -> None:
    events: list[Event] = []
    denoiser = Keeps() if denoises else None

    async def hold() -> None:
        models = Models(vad=FakeVad(), stt=FakeStt(), llm=FakeLlm(), tts=FakeTts(), denoiser=denoiser)
        async with Session(
            Agent(instructions="x"),
            models=models,
            transport=Dials(microphone_format=AudioFormat(rate_hz=rate_hz)),
            settings=telephone(),
            observers=[events.append],
        ) as session:
            await session.wait_ended()

    run(hold, virtual=VirtualTime())
    told = [(event.key, event.at_s) for event in events if isinstance(event, UserPressedKey)]
    assert told == [("4", approx_s(1.0)), ("2", approx_s(1.2)), ("#", approx_s(1.4))]
    assert not any(isinstance(event, UserStartedSpeaking) for event in events)
    if denoiser is not None:
        left = memoryview(bytes(denoiser.heard)).cast("h")
        assert sum(map(bool, left)) < 3 * SPEECH_FORMAT.samples(0.016)


def approx_s(at_s: float) -> object:
    """A moment, as exactly as keys are placed."""
    return pytest.approx(at_s, abs=0.03)


def test_keys_of_one_instant_are_told_apart() -> None:
    @attrs.define(kw_only=True, eq=False)
    class Bursts(FakeCall):
        async def keys(self, keys_out: Outbox[KeyPressed]) -> None:
            await trio.sleep(1.0)
            for key in "47#":
                await keys_out.send(KeyPressed(key=key, at_s=1.0))

    async def do(session: Session) -> None:
        entered.append((await session.collect_keys()).keys)

    entered: list[str] = []
    Talk(call=Bursts(), do=do).hold()
    assert entered == ["47"]


def test_a_transport_whose_keys_break_goes_on_without_them() -> None:
    @attrs.define(kw_only=True, eq=False)
    class Breaks(FakeCall):
        async def keys(self, keys_out: Outbox[KeyPressed]) -> None:
            await keys_out.send(KeyPressed(key="1", at_s=0.0))
            raise TransportBroken("no more keys")

    talk = Talk(call=Breaks(lines=[Line(at_s=1.0, for_s=0.5)], hangs_up_s=5.0)).hold()
    assert [event.key for event in talk.of(UserPressedKey)] == ["1"]
    assert [(event.actor, event.decision) for event in talk.of(ActorFailed)] == [("brought_keys", "go on without it")]
    assert len(talk.of(UserTurnEnded)) == 1


def test_it_costs_nothing_where_nobody_wants_it() -> None:
    names: list[list[str]] = []

    async def do(session: Session) -> None:
        names.append([node.name for node in session.graph.nodes])
        await session.wait_ended()

    for settings in (None, telephone(hear_keys=False), telephone()):
        Talk(call=FakeCall(hangs_up_s=0.5), settings=settings, do=do).hold()
    assert names[0] == names[1]
    assert sorted({*names[2]} - {*names[0]}) == ["keypad", "pressed_keys"]


@hypothesis.settings(max_examples=25)
@hypothesis.given(
    st.lists(st.tuples(st.floats(0.5, 12.0), st.text("0123456789*#", min_size=1, max_size=5)), max_size=4),
    st.integers(0, 3),
)
def test_however_keys_and_words_fall_together_all_keys_are_told_and_answered_once(
    presses: list[tuple[float, str]], seed: int
) -> None:
    does = [Presses(at_s=at_s, keys=keys) for at_s, keys in presses]
    words = [Says(at_s=at_s, text="some words of mine") for at_s in (1.0, 6.0)]
    settings = telephone(KeypadSettings(pause_s=0.7))
    scenario = Scenario(caller=[*does, *words], then="I have a longer answer.", settings=settings, seed=seed)
    call = simulate(Agent(instructions="Be kind."), scenario)
    check_laws(call)
    in_order = "".join(keys for _, keys in sorted(presses, key=lambda each: each[0]))
    assert pressed(call) == in_order
    typed = [turn.text for turn in call.of(UserTurnEnded) if turn.cause == "typed"]
    assert re.sub(r"[^0-9*]", "", "".join(typed)) == in_order.replace("#", "")
