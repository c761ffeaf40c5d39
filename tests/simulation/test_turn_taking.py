"""The options of turn-taking, each in a call that shows what it changes."""

from __future__ import annotations

import contextlib
import math
from collections.abc import AsyncGenerator
from typing import Literal

import attrs
import pytest

from trialogue.actors import AudioOutSettings, InterruptionSettings, TurnSettings
from trialogue.agents import (
    Agent,
    AgentStartedSpeaking,
    AgentStoppedSpeaking,
    ConversationSettings,
    Models,
    Session,
    SessionSettings,
    SpeechIgnored,
    UserTurnEnded,
)
from trialogue.agents.testing import (
    Call,
    Caller,
    FakeLlm,
    FakeStt,
    FakeTts,
    FakeVad,
    HangsUp,
    ProgramDoes,
    Says,
    Scenario,
    Speech,
    WireBreaks,
    check_laws,
    simulate,
)
from trialogue.engine import TurnJudge, TurnSoFar
from trialogue.frames import ChatRequest

WORD_S = 0.3
STORY = "Once upon a time there was a fox that ran over the hills and far away and nobody saw it again."
Level = Literal["text", "sound"]


def hold(caller: object, *answers: str, settings: SessionSettings, level: Level = "text") -> Call:
    """A call in which every law is kept."""
    assert callable(caller) or isinstance(caller, list)
    scenario = Scenario(
        caller=caller, answers=answers, then="All right.", speech=Speech(word_s=WORD_S), settings=settings, level=level
    )
    call = simulate(Agent(instructions="Be kind."), scenario)
    check_laws(call)
    return call


def turn_taking(interruption: InterruptionSettings) -> SessionSettings:
    """Settings of interruptions alone."""
    return SessionSettings(turn=TurnSettings(interruption=interruption))


@pytest.mark.parametrize("level", ["text", "sound"])
def test_while_an_echo_canceller_warms_up_nothing_interrupts(level: Level) -> None:
    async def speaks_too_soon(caller: Caller) -> None:
        caller.session.say(STORY)
        await caller.hears("upon")
        await caller.says("stop that please")  # an echo that is not cancelled yet sounds like this
        await caller.hears("over the hills")
        await caller.says("now stop that please")
        await caller.hears("All right.")

    call = hold(speaks_too_soon, settings=turn_taking(InterruptionSettings(warm_up_s=3.0)), level=level)
    (cut, _) = call.of(AgentStoppedSpeaking)
    assert cut.interrupted
    call.agent.said("Once upon a time there was a fox that ran over the hills")
    without = hold(speaks_too_soon_alone, settings=SessionSettings(), level=level)
    without.agent.never_said("over the hills")


async def speaks_too_soon_alone(caller: Caller) -> None:
    """The same beginning, with nothing that waits for what is not said any more."""
    caller.session.say(STORY)
    await caller.hears("upon")
    await caller.says("stop that please")
    await caller.hears("All right.")


#: Something that must be said to its end, and a caller who speaks into it, twice.
INTO_PROTECTED = [
    ProgramDoes(at_s=0.5, what="say", text=STORY, protected=True),
    Says(at_s=1.5, text="Hold on a moment"),
    Says(at_s=4.0, text="I want to book a table"),
]


@pytest.mark.parametrize("level", ["text", "sound"])
def test_what_is_said_into_protected_speech_is_answered_once_afterwards(level: Level) -> None:
    call = hold(INTO_PROTECTED, settings=SessionSettings(), level=level)
    call.never_interrupted()
    call.agent.said(STORY, "All right.")
    (turn,) = call.of(UserTurnEnded)
    assert turn.text == "Hold on a moment I want to book a table"
    call.order("agent says Once", "turn ends Hold on", "agent says All right.")


def test_what_is_said_into_protected_speech_may_be_discarded() -> None:
    call = hold(INTO_PROTECTED, settings=SessionSettings(turn=TurnSettings(protected="discard")))
    call.never_interrupted()
    call.agent.said(STORY)
    assert not call.of(UserTurnEnded)
    assert {event.reason for event in call.of(SpeechIgnored)} == {"protected"}


@pytest.mark.parametrize(
    ("question", "pieces"),
    [
        ("What is your telephone number?", ["five five five", "one two", "three four seven"]),
        ("How do you spell your name?", ["S M", "I T H"]),
    ],
)
def test_who_dictates_is_let_finish(question: str, pieces: list[str]) -> None:
    async def dictates(caller: Caller) -> None:
        caller.session.say(question)
        await caller.hears(question)
        for piece in pieces:
            await caller.waits(0.9)
            await caller.says(piece)
        await caller.hears("All right.")

    call = hold(dictates, settings=SessionSettings())
    (turn,) = call.of(UserTurnEnded)
    assert turn.text == " ".join(pieces)
    call.never_interrupted()


@pytest.mark.parametrize("level", ["text", "sound"])
@pytest.mark.parametrize(("finish_word_s", "parts"), [(0.0, True), (WORD_S, False)])
def test_the_word_that_is_being_spoken_may_be_finished(finish_word_s: float, parts: bool, level: Level) -> None:
    async def interrupts(caller: Caller) -> None:
        caller.session.say(STORY)
        await caller.hears("upon a")
        await caller.waits(0.13)
        await caller.says("stop that please")
        await caller.hears("All right.")

    settings = SessionSettings(audio_out=AudioOutSettings(finish_word_s=finish_word_s))
    call = hold(interrupts, settings=settings, level=level)
    (cut, _) = call.of(AgentStoppedSpeaking)
    words = (cut.played_s - AudioOutSettings().fade_s / 2) / WORD_S  # the louder half of a fade counts as heard
    assert (abs(words - round(words)) > 0.05) == parts
    call.interrupted_within(0.1 + finish_word_s)


NOISY = turn_taking(InterruptionSettings(mode="vad"))


@pytest.mark.parametrize("level", ["text", "sound"])
def test_a_text_that_a_noise_has_cut_off_goes_on_from_the_beginning_of_its_sentence(level: Level) -> None:
    async def coughs(caller: Caller) -> None:
        caller.session.say(f"First of all. {STORY}")
        await caller.hears("upon a time")
        await caller.coughs(1.0)
        await caller.hears("nobody saw it again.")

    call = hold(coughs, settings=NOISY, level=level)
    cut, rest = call.of(AgentStoppedSpeaking)
    assert (cut.interrupted, rest.interrupted, rest.heard) == ("barge-in", None, STORY)
    (ignored,) = call.of(SpeechIgnored)
    assert ignored.reason == "no words"
    began_s = call.of(AgentStartedSpeaking)[1].at_s
    assert began_s - ignored.at_s < 0.2
    assert began_s - call.sayings[0].end_s < 1.0


@pytest.mark.parametrize("thinking", [True, False])
def test_a_text_of_which_nothing_was_heard_before_a_noise_is_said_again(thinking: bool) -> None:
    """It was cut off while it was thought, where even that stops for a voice, or within its first word."""
    by_voice = InterruptionSettings(mode="vad", pause_after_s=math.inf)
    settings = SessionSettings(turn=TurnSettings(interruption=by_voice, interruption_thinking=by_voice))
    speech = Speech(word_s=2.0, first_audio_s=1.5 if thinking else 0.05)

    async def coughs(caller: Caller) -> None:
        caller.session.say("Good evening.")
        await caller.waits(0.2)
        await caller.coughs(0.9)
        await caller.hears("Good evening.")

    call = simulate(Agent(instructions=""), Scenario(caller=coughs, settings=settings, speech=speech))
    check_laws(call)
    cut, again = call.of(AgentStoppedSpeaking)
    assert (cut.interrupted is not None, cut.heard, again.heard) == (True, "", "Good evening.")


def test_an_answer_that_a_noise_has_cut_off_is_gone_on_with_by_the_model() -> None:
    requests: list[ChatRequest] = []

    def answer(request: ChatRequest) -> str:
        requests.append(request)
        return STORY if len(requests) == 1 else "So it ran over the hills."

    async def coughs(caller: Caller) -> None:
        await caller.says("Tell me a story")
        await caller.hears("there was a fox")
        await caller.coughs(1.0)
        await caller.hears("So it ran over the hills.")

    call = simulate(Agent(instructions="Be kind."), Scenario(caller=coughs, answers=answer, settings=NOISY))
    check_laws(call)
    first, second = requests
    assert ConversationSettings().after_noise not in first.instructions
    assert second.instructions == f"Be kind.\n\n{ConversationSettings().after_noise}"
    assert len(second.items) == len(first.items) + 1, "what was heard of it is remembered"
    assert len(call.of(UserTurnEnded)) == 1


@pytest.mark.parametrize(
    ("silent", "meant", "replies"), [(True, "", 1), (False, "", 2), (False, "stop that please", 2)]
)
def test_who_has_said_something_is_answered_and_a_program_may_want_silence(
    silent: bool, meant: str, replies: int
) -> None:
    async def interrupts(caller: Caller) -> None:
        caller.session.say(STORY)
        await caller.hears("upon a time")
        await caller.says(meant, for_s=1.0)
        await caller.waits(9.0)

    conversation = ConversationSettings(after_noise="") if silent else ConversationSettings()
    call = hold(interrupts, settings=attrs.evolve(NOISY, conversation=conversation))
    said = call.of(AgentStoppedSpeaking)
    assert len(said) == replies
    assert ("All right." in said[-1].heard) == bool(meant)


@attrs.define
class Melody:
    """A judge that only listens: it takes what ends loudly for unfinished, as if the voice had stayed up."""

    judged: list[bytes] = attrs.Factory(list)
    wants_audio_s: float = 0.5
    cost_s: float = 0.0

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[TurnJudge, None]:
        yield self

    def probability(self, turn: TurnSoFar) -> float:
        self.judged.append(turn.pcm)
        return 0.0 if len(self.judged) == 1 else 1.0


@pytest.mark.parametrize("listens", [True, False])
def test_a_judge_that_only_listens_lets_the_caller_go_on(listens: bool) -> None:
    melody = Melody()
    models = Models(
        vad=FakeVad(),
        stt=FakeStt(utterances=["I would like a table.", "For four."]),
        llm=FakeLlm(answers=["Gladly."]),
        tts=FakeTts(),
        turn_detector=melody if listens else None,
    )
    caller = [Says(at_s=0.5, text="I would like a table"), Says(at_s=2.7, text="For four")]
    call = simulate(Agent(instructions="Be kind."), Scenario(caller=caller, models=models, level="sound"))
    check_laws(call)
    first, *more = [turn.text for turn in call.of(UserTurnEnded)]
    assert first == ("I would like a table. For four." if listens else "I would like a table.")
    assert len(more) == (0 if listens else 1)
    assert len(melody.judged) == (2 if listens else 0)


@pytest.mark.parametrize("level", ["text", "sound"])
@pytest.mark.parametrize("after_s", [0.0, 0.02, 0.04, 0.07, 0.09, 0.3])
@pytest.mark.parametrize("end", [HangsUp, WireBreaks])
def test_a_call_may_end_in_the_fade_of_a_reply(end: type[HangsUp | WireBreaks], after_s: float, level: Level) -> None:
    """What was heard is what was remembered when it was interrupted, and it is told once."""
    script = [
        ProgramDoes(at_s=0.5, what="say", text=STORY),
        ProgramDoes(at_s=2.0, what="interrupt"),
        end(at_s=2.0 + after_s),
    ]
    call = simulate(Agent(instructions=""), Scenario(caller=script, speech=Speech(word_s=WORD_S), level=level))
    check_laws(call)
    (stopped,) = call.of(AgentStoppedSpeaking)
    assert stopped.at_s == pytest.approx(2.0, abs=1e-6)
    assert stopped.heard.split() == STORY.split()[:5]
    assert stopped.interrupted
    last_s = max(at_s + frame.duration_s for at_s, frame in call.sound if any(frame.pcm))
    assert last_s <= 2.0 + min(after_s + 0.02, 0.1) + 1e-3


@pytest.mark.parametrize("seed", range(8))
def test_a_greeting_that_is_given_up_before_it_has_begun_leaves_nobody_muted(seed: int) -> None:
    class Greeter(Agent):
        async def on_enter(self, session: Session) -> None:
            session.say("Good evening.")

    async def asks(caller: Caller) -> None:
        await caller.do([ProgramDoes(at_s=0.0, what="interrupt")])
        await caller.waits(1.0)
        await caller.says("Is anybody there?")
        await caller.hears("All right.")

    settings = SessionSettings(conversation=ConversationSettings(mute=("until the first reply is over",)))
    scenario = Scenario(caller=asks, then="All right.", settings=settings, seed=seed)
    check_laws(simulate(Greeter(instructions="Be kind."), scenario))
