"""Who hears the user, and by which settings, is changed in the middle of a call: all of it or nothing, no word lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import hypothesis
import hypothesis.strategies as st
import pytest
import trio

from tests.agents.conversation import Talk, after
from tests.unbreakable.frame_stt import FrameStt
from trialogue.actors import EndpointingSettings, TurnSettings, VadSettings
from trialogue.agents import (
    OFF,
    ActorFailed,
    Agent,
    AgentStoppedSpeaking,
    FlightRecord,
    Models,
    PartMissingError,
    Session,
    SessionSettings,
    SettingsChanged,
    UserSaid,
    UserStartedSpeaking,
    UserStoppedSpeaking,
    UserTurnEnded,
    read_flight,
    replay,
)
from trialogue.agents.testing import FakeCall, FakeLlm, FakeStt, FakeTts, FakeVad, Line, Speech
from trialogue.engine import ConfigurationError, ProviderError, VirtualTime, run

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from trialogue.engine import SpeechToText

LINES = [Line(at_s=1.0, for_s=1.0), Line(at_s=6.0, for_s=1.0)]


@attrs.define(kw_only=True)
class Call:
    """A user says two things while the program does something."""

    do: Callable[[Session], Awaitable[object]] = Session.wait_ended
    stt: SpeechToText | None = attrs.Factory(lambda: FakeStt(utterances=["one", "two"]))
    vad: FakeVad | None = attrs.Factory(FakeVad)
    agent: Agent = attrs.Factory(lambda: Agent(instructions=""))
    settings: SessionSettings | None = None
    lines: list[Line] = attrs.Factory(lambda: LINES)
    seed: int = 0
    events: list[object] = attrs.field(factory=list, init=False)
    context: list[object] = attrs.field(factory=list, init=False)

    def hold(self) -> Call:
        """Hold it in virtual time."""
        run(self._hold, virtual=VirtualTime(seed=self.seed))
        return self

    async def _hold(self) -> None:
        session = Session(
            self.agent,
            models=Models(
                vad=self.vad,
                stt=self.stt,
                llm=FakeLlm(answers=["Yes."] * 9),
                tts=FakeTts(every=Speech(word_s=0.1)),
            ),
            transport=FakeCall(lines=self.lines, hangs_up_s=11),
            settings=self.settings,
            observers=[self.events.append],
        )
        with trio.fail_after(600):
            async with session:
                await self.do(session)
                await session.wait_ended()
            self.context.extend(session.context)

    def turns(self) -> list[str]:
        """What the user's turns were."""
        return [event.text for event in self.events if isinstance(event, UserTurnEnded)]

    def delays_s(self) -> list[float]:
        """From the end of speech to the end of the turn."""
        turns = [event for event in self.events if isinstance(event, UserTurnEnded)]
        return [pytest.approx(round(turn.at_s - turn.speech_ended_s, 6)) for turn in turns]  # type: ignore[misc]  # compares as a float


def at(*when_s: float) -> Callable[[Callable[[Session], Awaitable[object]]], Callable[[Session], Awaitable[object]]]:
    """Do something at some moments of the call, seconds."""

    def decorate(step: Callable[[Session], Awaitable[object]]) -> Callable[[Session], Awaitable[object]]:
        async def do(session: Session) -> None:
            begun_s = trio.current_time()
            for at_s in when_s:
                await trio.sleep_until(begun_s + at_s)
                await step(session)

        return do

    return decorate


@pytest.mark.parametrize("at_s", [0.3, 0.99, 1.0, 1.01, 1.06, 1.2, 1.55, 1.999, 2.0, 2.1, 2.29, 2.31, 2.5, 3.0])
@pytest.mark.parametrize("seed", [0, 1])
def test_no_frame_of_speech_is_lost_or_doubled_when_the_recogniser_is_replaced(at_s: float, seed: int) -> None:
    old, new = FrameStt(), FrameStt()

    @at(at_s)
    async def swap(session: Session) -> None:
        await session.update(stt=new)
        assert (new.open_now, new.opened) == (1, 1)

    undisturbed = Call(stt=FrameStt(), seed=seed).hold()
    swapped = Call(stt=old, do=swap, seed=seed).hold()
    assert swapped.turns() == undisturbed.turns()
    assert len(swapped.turns()) == 2
    assert not [event for event in swapped.events if isinstance(event, ActorFailed)]
    assert (old.open_now, new.open_now, new.opened) == (0, 0, 1)


@hypothesis.settings(max_examples=25)
@hypothesis.given(
    swaps=st.lists(st.tuples(st.floats(0.0, 8.0), st.sampled_from(["stt", "vad", "both"])), max_size=6).map(sorted),
    seed=st.integers(0, 3),
)
def test_whoever_is_replaced_whenever_each_frame_of_speech_is_understood_once(
    swaps: list[tuple[float, str]], seed: int
) -> None:
    async def do(session: Session) -> None:
        begun_s = trio.current_time()
        for at_s, what in swaps:
            await trio.sleep_until(begun_s + at_s)
            stt, vad = FrameStt() if what != "vad" else None, FakeVad() if what != "stt" else None
            await session.update(stt=stt, vad=vad)

    swapped = Call(stt=FrameStt(), do=do, seed=seed).hold()
    understood = [turn.split() for turn in swapped.turns()]
    assert understood == [turn.split() for turn in Call(stt=FrameStt(), seed=seed).hold().turns()]
    assert not [event for event in swapped.events if isinstance(event, ActorFailed)]


def test_it_is_replaced_often() -> None:
    made = [FrameStt() for _ in range(20)]
    fresh = iter(made)

    @at(*(0.1 * step for step in range(10, 30)))
    async def swap(session: Session) -> None:
        await session.update(stt=next(fresh))

    assert Call(stt=FrameStt(), do=swap).hold().turns() == Call(stt=FrameStt()).hold().turns()
    assert [stt.open_now for stt in made] == [0] * 20


@pytest.mark.parametrize("at_s", [0.5, 1.03, 1.5, 2.05, 2.2, 3.0])
def test_the_detector_is_replaced_and_no_edge_is_missed_or_told_twice(at_s: float) -> None:
    new = FakeVad()

    @at(at_s)
    async def swap(session: Session) -> None:
        await session.update(vad=new)

    call = Call(do=swap).hold()
    edges = [type(event) for event in call.events if isinstance(event, UserStartedSpeaking | UserStoppedSpeaking)]
    assert edges == [UserStartedSpeaking, UserStoppedSpeaking] * 2
    assert call.turns() == ["one", "two"]
    assert new.statistics().opened == 1
    assert new.statistics().open_now == 0


def test_a_change_is_made_completely_or_not_at_all() -> None:
    stt, vad, good = FakeStt(utterances=["one", "two"]), FakeVad(), FakeStt()
    broken = FakeTts(error=ProviderError("no such voice"))

    @at(3.0)
    async def swap(session: Session) -> None:
        before = session.settings
        wanted = attrs.evolve(before, turn=TurnSettings(endpointing=EndpointingSettings(min_delay_s=0.1)))
        with pytest.raises(ProviderError, match="no such voice"):
            await session.update(stt=good, vad=FakeVad(), tts=broken, settings=wanted)
        assert session.settings is before
        assert good.statistics().opened == 1
        await trio.testing.wait_all_tasks_blocked()
        assert good.statistics().open_now == 0
        assert (stt.statistics(), vad.statistics().opened) == (attrs.evolve(stt.statistics(), opened=1), 1)

    call = Call(stt=stt, vad=vad, do=swap).hold()
    assert call.turns() == ["one", "two"]
    assert call.delays_s() == [0.5, 0.5]
    assert not [item for item in call.context if isinstance(item, SettingsChanged)]


def test_a_change_that_is_cancelled_changes_nothing() -> None:
    class Slow(FakeStt):
        """One that opens slowly."""

        def open(self):  # type: ignore[no-untyped-def]  # as its base
            return _slowly(super().open())

    slow = Slow()

    @at(3.0)
    async def swap(session: Session) -> None:
        with trio.move_on_after(0.5) as scope:
            await session.update(stt=slow)
        assert scope.cancelled_caught
        assert slow.statistics().open_now == 0
        await session.update(stt=FakeStt(utterances=["three"]))  # and another one is possible

    assert Call(do=swap).hold().turns() == ["one", "three"]


class _slowly:  # a context manager by another's name
    def __init__(self, opening: object) -> None:
        self._opening = opening

    async def __aenter__(self) -> object:
        await trio.sleep(2.0)
        return await self._opening.__aenter__()  # type: ignore[attr-defined]  # a context manager

    async def __aexit__(self, *error: object) -> None:
        await self._opening.__aexit__(*error)  # type: ignore[attr-defined]  # noqa: ASYNC102  # as the fake closes


def test_what_changed_is_remembered() -> None:
    @at(3.0)
    async def swap(session: Session) -> None:
        settings = attrs.evolve(session.settings, vad=VadSettings(min_silence_s=0.5))
        await session.update(stt=FakeStt(utterances=["three"]), settings=settings)
        assert session.settings == settings
        assert session.report().settings["vad"] == attrs.asdict(VadSettings(min_silence_s=0.5))

    call = Call(do=swap).hold()
    assert [item for item in call.context if isinstance(item, SettingsChanged)] == [
        SettingsChanged(models=("stt",), settings=("vad",))
    ]
    ended = [event for event in call.events if isinstance(event, UserStoppedSpeaking)]
    assert [event.detected_s - event.at_s for event in ended] == pytest.approx([0.3, 0.5])


def test_settings_of_turns_count_at_once() -> None:
    wanted = TurnSettings(endpointing=EndpointingSettings(min_delay_s=0.9))

    @at(2.35)  # the user is silent, and the turn would end at 2.5
    async def change(session: Session) -> None:
        await session.update(settings=attrs.evolve(session.settings, turn=wanted))

    assert Call(do=change).hold().delays_s() == [0.9, 0.9]


@pytest.mark.parametrize(
    "wanted",
    [
        SessionSettings(tool_s=1.0),
        SessionSettings(audio_out=attrs.evolve(SessionSettings().audio_out, frame_s=0.04)),
    ],
)
def test_some_settings_stay(wanted: SessionSettings) -> None:
    @at(0.5)
    async def change(session: Session) -> None:
        with pytest.raises(ConfigurationError, match="cannot change in the middle of a call"):
            await session.update(settings=wanted)

    Call(do=change).hold()


def test_a_fade_is_as_long_as_the_settings_of_now_say() -> None:
    async def do(session: Session) -> None:
        for fade_s in (0.04, 0.16):
            audio_out = attrs.evolve(session.settings.audio_out, fade_s=fade_s)
            await session.update(settings=attrs.evolve(session.settings, audio_out=audio_out))
            reply = session.say(" ".join(["word"] * 20))
            assert await reply.started()
            await trio.sleep(0.5)
            session.interrupt()
            await trio.sleep(1.0)
        session.end()

    talk = Talk(call=FakeCall(hangs_up_s=9), do=do).hold()
    ends_s = [event.at_s for event in talk.of(AgentStoppedSpeaking)]
    sound, rate_hz = talk.sound(), talk.call.speaker_format.rate_hz
    fades_s = [
        float((sound[int(end_s * rate_hz) : int((end_s + 0.8) * rate_hz)] != 0).nonzero()[0][-1]) / rate_hz
        for end_s in ends_s
    ]
    assert fades_s == pytest.approx([0.04, 0.16], abs=0.025)  # and a frame


def test_the_recogniser_goes_and_comes_back() -> None:
    back = FakeStt(utterances=["three"])

    async def do(session: Session) -> None:
        await session.update(stt=OFF)
        await trio.sleep(4)
        await session.update(stt=back)

    call = Call(do=do).hold()
    assert call.turns() == ["three"]
    assert [event.text for event in call.events if isinstance(event, UserSaid)] == ["three"]


def test_the_detector_goes_and_comes_back() -> None:
    stt = FakeStt(utterances=["one", "more", "two", "three"], finds_edges=True)
    lines = [*LINES, Line(at_s=8.5, for_s=1.0)]

    async def do(session: Session) -> None:
        await trio.sleep(1.5)  # in the middle of speech
        await session.update(vad=OFF)
        await trio.sleep(6.5)
        await session.update(vad=FakeVad())

    call = Call(stt=stt, do=do, lines=lines).hold()
    assert " ".join(call.turns()) == "one more two three"  # no word is lost, though the turns are parted anew


def test_who_must_be_told_of_edges_cannot_do_without_a_detector() -> None:
    async def do(session: Session) -> None:
        with pytest.raises(PartMissingError) as caught:
            await session.update(vad=OFF)
        assert caught.value.part == "vad"
        await session.update(vad=OFF, stt=FakeStt(utterances=["three"] * 2, finds_edges=True))

    assert Call(do=do).hold().turns() == ["three", "three"]


def test_nobody_joins_for_whom_there_is_no_actor() -> None:
    async def do(session: Session) -> None:
        with pytest.raises(ConfigurationError, match="was begun without"):
            await session.update(stt=FakeStt())

    Call(stt=None, do=do).hold()


# -- agents


def test_an_agent_listens_with_models_and_settings_of_its_own_and_takes_them_along() -> None:
    own = FakeStt(utterances=["mine"])
    quick = TurnSettings(endpointing=EndpointingSettings(min_delay_s=0.2))
    agent = Agent(instructions="", stt=own, turn=quick)

    def leave(session: Session) -> None:
        session.handoff(Agent(instructions=""))

    call = Call(agent=agent, stt=FakeStt(utterances=["theirs"]), do=after((4.0, leave))).hold()
    assert call.turns() == ["mine", "theirs"]
    assert call.delays_s() == [0.3, 0.5]  # of the first, the detector must be sure
    assert own.statistics().open_now == 0


def test_settings_of_an_agent_begin_with_it_and_a_session_s_change_does_not_touch_them() -> None:
    slow = TurnSettings(endpointing=EndpointingSettings(min_delay_s=0.9))

    async def do(session: Session) -> None:
        session.handoff(Agent(instructions="", turn=slow))
        await trio.sleep(0.5)
        quick = TurnSettings(endpointing=EndpointingSettings(min_delay_s=0.4))
        await session.update(settings=attrs.evolve(session.settings, turn=quick))
        await trio.sleep(3.5)
        session.handoff(Agent(instructions=""))

    assert Call(do=do).hold().delays_s() == [0.9, 0.4]


def test_an_agent_without_a_model_or_a_voice_or_ears() -> None:
    def lose_voice(session: Session) -> None:
        session.handoff(Agent(instructions="", tts=OFF))

    def lose_model(session: Session) -> None:
        session.handoff(Agent(instructions="", llm=OFF))

    def lose_ears(session: Session) -> None:
        session.handoff(Agent(instructions="", stt=OFF, vad=OFF))

    wrote = Call(do=after((0.0, lose_voice))).hold()
    assert [type(event).__name__ for event in wrote.events].count("AgentWrote") == 2
    silent = Call(do=after((0.0, lose_model))).hold()
    assert silent.turns() == ["one", "two"]
    assert not [event for event in silent.events if isinstance(event, AgentStoppedSpeaking)]
    deaf = Call(do=after((3.5, lose_ears))).hold()
    assert deaf.turns() == ["one"]


def test_the_first_agent_is_deaf_and_the_next_one_hears() -> None:
    def listen(session: Session) -> None:
        session.handoff(Agent(instructions=""))

    call = Call(agent=Agent(instructions="", stt=OFF, vad=OFF), do=after((3.5, listen))).hold()
    assert call.turns() == ["one"]  # the first that anybody has understood
    assert not [event for event in call.events if isinstance(event, ActorFailed)]


def test_an_agent_whose_ears_do_not_fit_has_those_of_the_one_before() -> None:
    def take_over(session: Session) -> None:
        session.handoff(Agent(instructions="", vad=OFF))

    call = Call(do=after((3.5, take_over))).hold()
    assert call.turns() == ["one", "two"]
    (fault,) = [event for event in call.events if isinstance(event, ActorFailed)]
    assert "needs a voice-activity detector" in fault.cause


# -- the flight record


def test_a_flight_with_other_settings_is_replayed(tmp_path: Path) -> None:
    record = tmp_path / "flight.jsonl"
    wanted = TurnSettings(endpointing=EndpointingSettings(min_delay_s=0.9), away_after_s=30)

    async def hold() -> None:
        session = Session(
            Agent(instructions=""),
            models=Models(vad=FakeVad(), stt=FakeStt(), llm=FakeLlm(answers=["Yes."] * 3), tts=FakeTts()),
            transport=FakeCall(lines=LINES, hangs_up_s=11),
            flight_record=FlightRecord(to=record),
        )
        async with session:
            await trio.sleep(3)
            await session.update(settings=attrs.evolve(session.settings, turn=wanted))
            await session.wait_ended()

    run(hold, virtual=VirtualTime())
    flight = read_flight(record.read_text().splitlines())
    assert replay(flight) == ()
    assert replay(flight, wanted) != ()
