"""Background sound in a session: under speech, kept through interruption, in the recording, no matter to turns."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest
import trio

from tests.agents.conversation import WORD_S, Talk, after, agent_with, texts
from tests.agents.test_replies import TEN_WORDS, near
from trialogue.actors import Clip, MixerSettings, room_tone
from trialogue.agents import (
    AgentStartedSpeaking,
    AgentStoppedSpeaking,
    BackgroundSettings,
    ConversationSettings,
    Session,
    SessionSettings,
    ToolContext,
    UserStartedSpeaking,
    UserTurnEnded,
    tool,
)
from trialogue.agents.tasks import Task
from trialogue.agents.testing import (
    Answer,
    Caller,
    FakeCall,
    FakeLlm,
    FakeStt,
    Line,
    Scenario,
    Utterance,
    Wire,
    simulate,
)
from trialogue.engine import ConfigurationError
from trialogue.frames import SPEECH_FORMAT, AudioFormat, AudioFrame, ToolCall

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import numpy.typing as npt

FRAME_S = 0.02


def level(value: int, for_s: float = 1.0, rate_hz: int = 16_000) -> Clip:
    """A sound of one level."""
    return Clip(np.full(round(for_s * rate_hz), value, dtype=np.int16), rate_hz)


def with_background(**settings: object) -> SessionSettings:
    """Settings of a session with background sound that neither fades nor goes down under speech."""
    fixed = {"fade_s": 0.0, "ambience_volume": 1.0, "thinking_volume": 1.0, "mixer": MixerSettings(under_speech=1.0)}
    background = BackgroundSettings(**{**fixed, **settings})  # type: ignore[arg-type]  # passed on
    return SessionSettings(conversation=ConversationSettings(background=background))


def hold(do: Callable[[Session], Awaitable[object]], settings: SessionSettings | None, **talk: object) -> Talk:
    """A call in which the program does this."""

    async def all_of_it(session: Session) -> None:
        await do(session)
        session.end("that was all")

    return Talk(**{"call": FakeCall(), "do": all_of_it, "settings": settings, **talk}).hold()  # type: ignore[arg-type]  # passed on


def at(sound: npt.NDArray[np.int16], at_s: float) -> int:
    """The sample at a moment."""
    return int(sound[round(at_s * 16_000)])


def test_ambience_goes_on_all_the_time_and_the_voice_is_added_to_it() -> None:
    async def do(session: Session) -> None:
        await trio.sleep(0.5)
        await session.say(TEN_WORDS).wait()
        await trio.sleep(0.5)

    talk = hold(do, with_background(ambience=level(100)))
    sound = talk.sound()
    began_s = talk.the(AgentStartedSpeaking).at_s
    assert 0.55 <= began_s < 0.55 + FRAME_S  # with the next frame of what sounds already
    assert np.all(sound[: round(began_s * 16_000)] == 100)
    assert at(sound, began_s + 0.5) == 600
    assert np.all(sound[round((began_s + 1.01) * 16_000) : round(1.9 * 16_000)] == 100)
    assert talk.the(AgentStoppedSpeaking).played_s == near(1.0)


def test_frames_follow_each_other_without_gap_or_overlap() -> None:
    async def do(session: Session) -> None:
        for pause_s in (0.111, 0.007, 0.2):
            await trio.sleep(pause_s)
            await session.say("One two.").wait()

    talk = hold(do, with_background(ambience=level(100)))
    frames = [frame for _, frame in talk.call.heard]
    assert {later.at_sample - earlier.end_sample for earlier, later in pairwise(frames)} == {0}


def test_an_interruption_cuts_the_speech_and_leaves_the_ambience() -> None:
    async def do(session: Session) -> None:
        session.say(TEN_WORDS)
        await trio.sleep(0.45)
        session.interrupt()
        await trio.sleep(1.0)

    talk = hold(do, with_background(ambience=level(100)))
    sound = talk.sound()
    assert at(sound, 0.44) == 600
    assert np.all(sound[round(0.58 * 16_000) : round(1.4 * 16_000)] == 100)
    assert talk.the(AgentStoppedSpeaking).heard == "One two three four"


def test_a_rest_leaves_it_too_and_the_voice_goes_on_where_it_was() -> None:
    async def do(session: Session) -> None:
        reply = session.say(TEN_WORDS)
        await trio.sleep(0.3)
        session.pause()
        await trio.sleep(1.0)
        session.resume()
        assert await reply.wait() == "completed"

    talk = hold(do, with_background(ambience=level(100)))
    assert np.all(talk.sound()[round(0.5 * 16_000) : round(1.25 * 16_000)] == 100)
    assert talk.the(AgentStoppedSpeaking).heard == TEN_WORDS


class Tape:
    """A sink that keeps what it is given."""

    format = AudioFormat(rate_hz=16_000, channels=2)

    def __init__(self) -> None:
        self.sound = np.zeros((160_000, 2), dtype=np.int16)

    def write(self, frame: AudioFrame) -> None:
        """Keep a frame."""
        samples = np.frombuffer(frame.pcm, dtype=np.int16).reshape(-1, 2)
        self.sound[frame.at_sample : frame.end_sample] = samples

    def close(self) -> None:
        """Nothing to do."""


def test_the_recording_holds_what_the_caller_hears() -> None:
    tape = Tape()

    async def do(session: Session) -> None:
        session.background.play(level(50, 0.3))
        await session.say(TEN_WORDS).wait()
        await trio.sleep(0.5)

    talk = hold(do, with_background(ambience=level(100)), recording=tape)
    heard = talk.sound()
    assert np.array_equal(tape.sound[: len(heard), 1], heard)
    assert at(heard, 0.01) == 150


def test_it_goes_down_under_speech_and_comes_up_again() -> None:
    async def do(session: Session) -> None:
        await session.say(TEN_WORDS).wait()
        await trio.sleep(0.5)

    talk = hold(do, with_background(ambience=level(1000), mixer=MixerSettings(under_speech=0.25)))
    sound = talk.sound()
    assert at(sound, 0.03) == 1000
    assert at(sound, 0.5) == 500 + 250
    assert at(sound, 1.4) == 1000


def test_the_program_plays_fades_and_stops_sounds_of_any_rate() -> None:
    async def do(session: Session) -> None:
        background = session.background
        await trio.sleep(0.1)
        background.play(level(300, 0.2, rate_hz=8_000))
        await trio.sleep(0.5)
        music = background.play(level(200, 0.1), loop=True, volume=0.5)
        await trio.sleep(0.5)
        music.stop(0.0)
        assert background.ambience is None
        await trio.sleep(0.5)

    talk = hold(do, with_background())
    sound = talk.sound()
    assert at(sound, 0.05) == 0
    assert at(sound, 0.2) == pytest.approx(300, abs=3)
    assert at(sound, 0.4) == 0
    assert at(sound, 0.9) == 100
    assert talk.last_sound_s() == pytest.approx(1.1, abs=2 * FRAME_S)


def test_while_nothing_sounds_no_frame_goes_out() -> None:
    async def do(session: Session) -> None:
        await trio.sleep(1.0)
        session.background.play(level(300, 0.1))
        await trio.sleep(1.0)

    talk = hold(do, with_background())
    assert [round(frame.at_sample / 16_000, 9) for _, frame in talk.call.heard] == [
        near(1.0 + FRAME_S * n) for n in range(5)
    ]


def test_who_thinks_long_is_heard_to_think_until_the_answer_begins() -> None:
    llm = FakeLlm(answers=[Answer("Well.", first_token_s=2.0)])
    talk = hold(
        lambda session: session.reply().wait(), with_background(thinking=level(80), thinking_after_s=0.5), llm=llm
    )
    sound = talk.sound()
    began_s = talk.the(AgentStartedSpeaking).at_s
    assert not sound[: round(0.49 * 16_000)].any()
    assert np.all(sound[round(0.65 * 16_000) : round((began_s - 0.01) * 16_000)] == 80)
    assert at(sound, began_s + WORD_S / 2) == 500


def test_a_quick_answer_has_no_thinking_before_it() -> None:
    talk = hold(lambda session: session.reply().wait(), with_background(thinking=level(80)))
    sound = talk.sound()
    assert set(np.unique(sound[sound != 0])) <= set(range(501))
    assert not sound[: round(talk.the(AgentStartedSpeaking).at_s * 16_000)].any()
    assert not hold(lambda session: session.say("Hi.").wait(), with_background(thinking=level(80))).sound().max() > 500


def test_a_tool_that_works_on_is_heard_between_what_is_said() -> None:
    @tool
    async def search() -> str:
        """Look."""
        await trio.sleep(3.0)
        return "found"

    asks = Answer(["Let me see. ", ToolCall(call_id="1", name="search", arguments="{}")])
    talk = hold(
        lambda session: session.reply().wait(),
        with_background(thinking=level(80), thinking_after_s=0.5),
        llm=FakeLlm(answers=[asks, "There it is."]),
        agent=agent_with(search),
    )
    sound = talk.sound()
    said_s = talk.the(AgentStartedSpeaking).at_s + 3 * WORD_S
    assert not sound[round((said_s + 0.02) * 16_000) : round((said_s + 0.48) * 16_000)].any()
    assert np.all(sound[round((said_s + 0.7) * 16_000) : round((said_s + 2.0) * 16_000)] == 80)
    assert at(sound, talk.last_sound_s() - 0.1) == 500
    assert texts(talk.history)[-1] == "agent: There it is."


def test_a_tool_that_rests_while_a_task_asks_the_user_is_not_heard_to_work() -> None:
    class Asks(Task[str]):
        """Asks something, with a pause in the middle."""

    @tool
    async def look(context: ToolContext) -> str:
        """Look."""
        return await Asks(instructions="").run(context)

    async def do(session: Session) -> None:
        await trio.sleep(8.0)

    asks = Answer([ToolCall(call_id="1", name="look", arguments="{}")])
    question = Answer("First of all. Which?", stalls={3: 3.0})
    talk = hold(
        do,
        with_background(thinking=level(80), thinking_after_s=0.5),
        call=FakeCall(lines=[Line(at_s=0.0, for_s=0.5)]),
        stt=FakeStt(utterances=["look"]),
        llm=FakeLlm(answers=[asks, question]),
        agent=agent_with(look),
    )
    said_s = talk.the(AgentStartedSpeaking).at_s
    assert not np.any(talk.sound()[round((said_s + 0.5) * 16_000) : round((said_s + 2.5) * 16_000)] == 80)


def test_turn_taking_is_that_of_a_call_without_it() -> None:
    def talk(settings: SessionSettings) -> Talk:
        def say(session: Session) -> None:
            session.say(TEN_WORDS * 3)

        stt = FakeStt(utterances=[Utterance(text="no stop it now please", word_s=0.1)])
        call = FakeCall(lines=[Line(at_s=1.0, for_s=0.8)], hangs_up_s=8)
        return Talk(call=call, stt=stt, do=after((0.0, say)), settings=settings).hold()

    without, loud = talk(SessionSettings()), talk(with_background(ambience=level(300)))
    for kind in (UserStartedSpeaking, UserTurnEnded):
        assert [event.at_s for event in loud.of(kind)] == [event.at_s for event in without.of(kind)]
    (cut, _), (other, _) = loud.of(AgentStoppedSpeaking), without.of(AgentStoppedSpeaking)
    assert cut.interrupted == other.interrupted
    assert cut.played_s == pytest.approx(other.played_s, abs=1.01 * FRAME_S)


def test_a_far_line_is_flushed_with_speech_and_the_ledger_stays_exact() -> None:
    async def do(session: Session) -> None:
        reply = session.say(TEN_WORDS)
        await trio.sleep(0.98)
        session.interrupt()
        assert reply.heard == "One two three four"
        await trio.sleep(1.0)

    talk = hold(do, with_background(ambience=level(100)), call=FakeCall(speaker_latency_s=0.5))
    assert talk.call.flushes > 0
    assert at(talk.sound(), 1.9) == 100


def test_a_session_without_it_says_how_to_have_it() -> None:
    async def do(session: Session) -> None:
        await trio.lowlevel.checkpoint()
        with pytest.raises(ConfigurationError, match="BackgroundSettings"):
            session.background.play(level(1))

    hold(do, None)


def test_the_report_tells_clips_by_their_names() -> None:
    told: list[str] = []

    async def do(session: Session) -> None:
        await trio.lowlevel.checkpoint()
        told.append(session.report().to_json())

    hold(do, with_background(ambience=room_tone(SPEECH_FORMAT)))
    assert json.loads(told[0])["settings"]["conversation"]["background"]["ambience"] == "room tone"


def test_a_clip_at_another_rate_lasts_as_long() -> None:
    clip = level(500, 1.0, rate_hz=44_100)
    assert clip.at_rate(44_100) is clip
    assert len(clip.at_rate(SPEECH_FORMAT.rate_hz).samples) == 16_000


def test_its_echo_is_no_user_and_the_user_is_heard_over_it() -> None:
    async def talks(caller: Caller) -> None:
        await caller.waits(1.0)
        caller.session.say(TEN_WORDS)
        await caller.hears("nine ten.")
        await caller.says("thank you very much")
        await caller.hears("welcome")

    background = with_background(ambience=level(400), thinking=level(200))
    wire = Wire(echo_db=-20)
    scenario = Scenario(caller=talks, answers=["You are welcome."], settings=background, wire=wire, level="sound")
    call = simulate(agent_with(), scenario)
    assert len(call.of(UserStartedSpeaking)) == 1
    assert [(each.heard, each.interrupted) for each in call.of(AgentStoppedSpeaking)] == [
        (TEN_WORDS, None),
        ("You are welcome.", None),
    ]
    assert [each.text for each in call.of(UserTurnEnded)] == ["thank you very much"]


@hypothesis.settings(max_examples=30)
@hypothesis.given(
    steps=st.lists(
        st.tuples(st.floats(0.0, 0.6), st.sampled_from(["say", "audio", "interrupt", "pause", "resume", "play"])),
        max_size=10,
    ),
    ambience=st.booleans(),
)
def test_whatever_happens_frames_are_even_and_what_is_not_cut_is_heard_whole(
    steps: list[tuple[float, str]], ambience: bool
) -> None:
    async def do(session: Session) -> None:
        for pause_s, step in steps:
            await trio.sleep(pause_s)
            match step:
                case "say":
                    session.say("One two three.")
                case "audio":
                    session.say("One two three.", audio=level(500, 0.3))
                case "play":
                    session.background.play(level(70, 0.15))
                case _:
                    getattr(session, step)()
        session.resume()
        await session.say("The end.").wait()
        await trio.sleep(0.3)

    talk = hold(do, with_background(ambience=level(100) if ambience else None))
    frames = [frame for _, frame in talk.call.heard]
    gaps = [later.at_sample - earlier.end_sample for earlier, later in pairwise(frames)]
    assert min(gaps, default=0) >= 0
    assert not ambience or set(gaps) <= {0}
    for told in talk.of(AgentStoppedSpeaking):
        assert told.interrupted is not None or (told.unheard, bool(told.heard)) == ("", True)
    assert talk.of(AgentStoppedSpeaking)[-1].heard == "The end."
    if ambience:
        assert talk.sound()[-1600:].tolist() == [100] * 1600


class _Tasks(trio.abc.Instrument):
    """Counts tasks and their steps."""

    def __init__(self) -> None:
        self.spawned = self.steps = 0

    def task_spawned(self, task: trio.lowlevel.Task) -> None:
        self.spawned += 1

    def before_task_step(self, task: trio.lowlevel.Task) -> None:
        self.steps += 1


def test_where_nothing_sounds_it_costs_neither_a_task_nor_a_step() -> None:
    def cost(settings: SessionSettings | None) -> tuple[int, int]:
        counted = _Tasks()

        async def do(session: Session) -> None:
            trio.lowlevel.add_instrument(counted)
            await session.say(TEN_WORDS).wait()
            await trio.sleep(1.0)
            trio.lowlevel.remove_instrument(counted)

        hold(do, settings)
        return counted.spawned, counted.steps

    assert cost(with_background()) == cost(None)
    with_sound, without = cost(with_background(ambience=level(100))), cost(None)
    assert with_sound[0] == without[0]  # the track's own pacer plays it
