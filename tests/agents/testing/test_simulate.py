"""Simulated calls: what scripts can say, what assertions find, and that both levels tell the same story."""

from __future__ import annotations

import re
import runpy
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import pytest
import trio

from trialogue.actors import TurnSettings
from trialogue.agents import (
    Agent,
    AgentStoppedSpeaking,
    HandOver,
    Models,
    SessionEnded,
    SessionSettings,
    ToolContext,
    tool,
)
from trialogue.agents.testing import (
    DEFAULT_ANSWER,
    Action,
    Answer,
    Call,
    Caller,
    CallFailed,
    Coughs,
    FakeLlm,
    FakeStt,
    FakeTts,
    FakeVad,
    HangsUp,
    NotHeard,
    ProgramDoes,
    Recognition,
    Says,
    Scenario,
    Speech,
    Utterance,
    Wire,
    WireBreaks,
    check_laws,
    simulate,
)
from trialogue.engine import ConfigurationError, ProviderError
from trialogue.frames import ToolCall
from trialogue.providers import SmartTurn

if TYPE_CHECKING:
    from typing import Literal

    from trialogue.agents import Reply, Session

ROOT = Path(__file__).parents[3]

FOX = "Thank you kindly. The quick brown fox jumps over the lazy dog and runs away as fast as it can go."


@tool
async def book_table(people: int) -> str:
    """Book a table."""
    await trio.sleep(0.5)
    return f"booked for {people}"


class Waiter(Agent):
    """Greets, and books tables."""

    async def on_enter(self, session: Session) -> None:
        """Greet."""
        session.say("Hello. How can I help you?")


def waiter() -> Waiter:
    """A new one for each call."""
    return Waiter(instructions="You take bookings.", tools=[book_table])


async def books_a_table(caller: Caller) -> None:
    """A call as they should be."""
    await caller.hears("How can I help you?")
    await caller.says("I'd like a table", for_s=1.2)
    await caller.hears("For how many")
    await caller.says("Four")
    await caller.hears("is booked")


BOOKING = Scenario(
    caller=books_a_table,
    answers=[
        "For how many people?",
        Answer([ToolCall(call_id="1", name="book_table", arguments='{"people": 4}')]),
        "Your table is booked.",
    ],
)


@pytest.mark.parametrize("level", ["text", "sound"])
def test_a_table_is_booked(level: Literal["text", "sound"]) -> None:
    call = simulate(waiter(), attrs.evolve(BOOKING, level=level))
    call.agent.said("How can I help", "For how many people?", "Your table is booked.")
    call.agent.heard("I'd like a table", "Four")
    call.agent.answered_within(1.3)
    call.agent.never_said("Sorry")
    call.order("caller says Four", "turn ends Four", "tool book_table", "gave", "agent says Your table")
    check_laws(call)


async def interrupts(caller: Caller) -> None:
    """A caller who has heard enough."""
    await caller.hears("can I help you?")
    await caller.says("Tell me a story")
    await caller.hears("over the lazy dog")
    await caller.says("Stop that please")
    await caller.hears("All right.")


@pytest.mark.parametrize("level", ["text", "sound"])
def test_an_interruption_is_as_quick_as_its_fade(level: Literal["text", "sound"]) -> None:
    call = simulate(waiter(), Scenario(caller=interrupts, answers=[FOX, "All right."], level=level))
    call.interrupted_within(0.1)
    call.agent.said("over the lazy dog", "All right.")
    call.agent.never_said("as fast as it can go")
    (cut,) = [event for event in call.of(AgentStoppedSpeaking) if event.interrupted]
    assert cut.unheard.strip().endswith("as fast as it can go.")
    check_laws(call)


def story(call: Call) -> list[str]:
    """What happened, without its times."""
    return [entry.line for entry in call.entries]


ODD: list[Scenario] = [
    BOOKING,
    Scenario(caller=interrupts, answers=[FOX, "All right."]),
    Scenario(caller=[Says(at_s=3.0, text="Hello there"), Coughs(at_s=6.0), HangsUp(at_s=9.0)], answers=[FOX]),
    Scenario(
        caller=[Says(at_s=3.0, text="One", understood=Utterance(text="Two", finals=((0.1, "Two"), (0.4, "Two"))))],
        then="Fine.",
    ),
    Scenario(caller=[Says(at_s=3.0, text="Hi"), ProgramDoes(at_s=5.0, what="interrupt")], answers=[DEFAULT_ANSWER]),
    Scenario(
        caller=[Says(at_s=3.0, text="Hi")],
        answers=[Answer(DEFAULT_ANSWER, dies_at=14, error=ProviderError("dead"))],
    ),
]


@pytest.mark.parametrize("scenario", ODD)
def test_both_levels_tell_the_same_story(scenario: Scenario) -> None:
    """Within a frame of time: with sound, playout and detector go from frame to frame."""
    text = simulate(waiter(), scenario)
    sound = simulate(waiter(), attrs.evolve(scenario, level="sound"))
    assert story(text) == story(sound)
    for one, other in zip(text.entries, sound.entries, strict=True):
        assert one.at_s == pytest.approx(other.at_s, abs=0.1), (one, other)
    check_laws(text)
    check_laws(sound)


@pytest.mark.parametrize("level", ["text", "sound"])
def test_the_same_seed_gives_the_same_log(level: Literal["text", "sound"]) -> None:
    scenario = Scenario(caller=interrupts, answers=[FOX, "All right."], level=level, wire=Wire(jitter_s=0.03), seed=7)
    logs = {simulate(waiter(), scenario).log() for _ in range(3)}
    assert len(logs) == 1
    assert simulate(waiter(), attrs.evolve(scenario, answers=["Well.", "All right."], caller=[])).log() not in logs


def test_who_is_not_heard_is_told_with_the_whole_call() -> None:
    async def waits_in_vain(caller: Caller) -> None:
        await caller.hears("Good evening", within_s=5)

    with pytest.raises(NotHeard, match=r"at 5\.00 s .* 5 s for 'Good evening'.*'Hello\. How can I help you\?'") as info:
        simulate(waiter(), Scenario(caller=waits_in_vain))
    assert "agent    says            Hello. How can I help you?" in info.value.__notes__[0]


def test_a_script_that_outlives_its_call_is_told_so() -> None:
    async def speaks_to_nobody(caller: Caller) -> None:
        caller.session.end("enough")
        await caller.waits(5)

    with pytest.raises(NotHeard, match=r"the call was over before its script was.*enough"):
        simulate(waiter(), Scenario(caller=speaks_to_nobody))


@pytest.mark.parametrize("seed", range(4))
def test_a_script_may_wait_for_the_agent_to_end_the_call(seed: int) -> None:
    @tool
    def hang_up(context: ToolContext) -> str:
        """End the call."""
        context.session.end("all was said")
        return "gone"

    async def is_left(caller: Caller) -> None:
        await caller.says("Goodbye")
        assert await caller.session.wait_ended() == "all was said"

    goodbye = Answer([ToolCall(call_id="1", name="hang_up", arguments="{}")])
    scenario = Scenario(caller=is_left, answers=[goodbye], seed=seed)
    call = simulate(Agent(instructions="Be kind.", tools=[hang_up]), scenario)
    check_laws(call)
    assert call.of(SessionEnded)[0].reason == "all was said"


def test_what_hooks_ask_for_and_a_hand_over_answers_breaks_no_law() -> None:
    class Clerk(Agent):
        async def on_enter(self, session: Session) -> None:
            await session.reply("Introduce yourself.").wait()

        async def on_reply(self, session: Session, reply: Reply) -> None:
            if reply.text == "I am the clerk.":
                session.reply("Ask.")

    @tool
    def transfer() -> HandOver:
        """Let the clerk go on."""
        return HandOver(Clerk(instructions="You are a clerk."), "the clerk is there")

    async def asks(caller: Caller) -> None:
        await caller.says("Let me speak to the clerk")
        await caller.hears("Anything else?")

    answers: list[Answer | str] = [Answer([ToolCall(call_id="1", name="transfer", arguments="{}")]), "I am the clerk."]
    scenario = Scenario(caller=asks, answers=answers, then="Anything else?")
    check_laws(simulate(Agent(instructions="Be kind.", tools=[transfer]), scenario))


def test_a_detector_of_turns_needs_sound() -> None:
    models = Models(vad=FakeVad(), stt=FakeStt(), llm=FakeLlm(), tts=FakeTts(), turn_detector=SmartTurn())
    with pytest.raises(ConfigurationError, match='listens to sound; give its scenario level="sound"'):
        Scenario(models=models)


def test_an_error_of_the_script_comes_out_as_it_is() -> None:
    async def breaks(caller: Caller) -> None:
        await caller.waits(1)
        raise LookupError("in the script")

    with pytest.raises(LookupError, match="in the script") as info:
        simulate(waiter(), Scenario(caller=breaks))
    assert "second by second" in info.value.__notes__[0]


@pytest.mark.parametrize(
    ("expect", "complaint"),
    [
        (lambda call: call.agent.said("Good night"), "did not say 'Good night'"),
        (lambda call: call.agent.said("booked", "For how many"), "did not say 'For how many'"),
        (lambda call: call.agent.never_said("For how many"), "said 'For how many'"),
        (lambda call: call.agent.heard("Five"), "has not heard 'Five'"),
        (lambda call: call.agent.answered_within(0.2), "an answer took"),
        (lambda call: call.interrupted_within(0.2), "never interrupted"),
        (lambda call: call.order("agent says Your table", "tool book_table"), "no 'tool book_table' after 'agent says"),
        (lambda call: call.fail("as you like it"), "as you like it"),
    ],
)
def test_each_assertion_fails_with_the_timeline(expect: object, complaint: str) -> None:
    call = simulate(waiter(), BOOKING)
    assert callable(expect)
    with pytest.raises(CallFailed, match=re.escape(complaint)) as info:
        expect(call)
    assert "second  who      what" in str(info.value)
    assert 'tool     book_table      {"people": 4}' in str(info.value)


def test_nobody_who_was_interrupted_was_not() -> None:
    call = simulate(waiter(), Scenario(caller=interrupts, answers=[FOX, "All right."]))
    with pytest.raises(CallFailed, match="the agent was interrupted at"):
        call.never_interrupted()
    with pytest.raises(CallFailed, match=r"was heard for 0\.1\d+ s more"):
        call.interrupted_within(0.01)
    simulate(waiter(), BOOKING).never_interrupted()


@pytest.mark.parametrize("level", ["text", "sound"])
def test_a_wire_may_break(level: Literal["text", "sound"]) -> None:
    call = simulate(waiter(), Scenario(caller=[WireBreaks(at_s=1.0)], level=level))
    assert call.record.broken is not None
    call.order("agent says Hello.", "agent is cut off", "session session ended")
    check_laws(call)


@pytest.mark.parametrize("level", ["text", "sound"])
def test_what_is_on_its_way_is_not_heard_when_it_is_flushed(level: Literal["text", "sound"]) -> None:
    scenario = Scenario(caller=interrupts, answers=[FOX, "All right."], level=level, wire=Wire(latency_s=0.4))
    call = simulate(waiter(), scenario)
    call.agent.said("over the lazy dog", "All right.")
    call.interrupted_within(0.02)
    check_laws(call)


def test_a_broken_recogniser_is_replaced_and_the_words_are_not_lost() -> None:
    dead = ProviderError("dead", retryable=True)
    unlucky = Utterance(text="a table please", final_delay_s=0.2, error=dead)
    call = simulate(waiter(), Scenario(caller=[Says(at_s=3.0, text="a table please", understood=unlucky)], then="Yes."))
    call.agent.heard("a table please")
    call.agent.said("Yes.")
    call.order("session actor failed", "turn ends a table please")
    check_laws(call)


def test_a_misunderstanding_is_seen_in_the_timeline() -> None:
    async def speaks_unclearly(caller: Caller) -> None:
        await caller.hears("help you?")
        await caller.says("a table", understood="a cable")
        await caller.coughs()
        await caller.hears_the_end()
        caller.hangs_up()

    call = simulate(
        waiter(), Scenario(caller=speaks_unclearly, then="A cable?", recognition=Recognition(interims=False))
    )
    call.agent.heard("a cable")
    assert "a table [understood as 'a cable']" in call.timeline()
    check_laws(call)


def test_a_scenario_is_code_that_makes_it() -> None:
    scenario = Scenario(
        caller=[Says(at_s=1.0, text="Hi", understood=Utterance(text="Hm", error=ProviderError("x", retryable=True)))],
        answers=[Answer("One two", first_token_s=0.3, dies_at=1), "Three"],
        speech=Speech(word_s=0.2, words=False, speed=2.0),
        exceptions={1: Speech(dies_after_s=0.1, error=ProviderError("y"))},
        wire=Wire(latency_s=0.2),
        level="sound",
        seed=3,
    )
    code = scenario.as_code()
    made: Scenario = eval(code)
    assert made.as_code() == code
    assert "interims" not in code
    assert simulate(waiter(), made).log() == simulate(waiter(), scenario).log()


def test_the_picture_shows_everybody() -> None:
    call = simulate(waiter(), attrs.evolve(BOOKING, caller=books_a_table))
    svg = call.timeline_svg()
    for words in ("For how many people?", "I&#x27;d like a table", "book_table(", "commit turn", "thinking", "9 s"):
        assert words in svg, words


def test_any_words_make_a_picture() -> None:
    caller: list[Action] = [Says(at_s=1.0, text="hello \0 & \x1b[0m <b>"), HangsUp(at_s=3.0)]
    call = simulate(waiter(), Scenario(caller=caller, then="Yes \ud83d?"))
    assert ET.fromstring(call.timeline_svg()).tag.endswith("svg")


def test_the_picture_in_the_docs_is_the_one_that_is_drawn() -> None:
    """If this fails, run `python docs/make_simulated_call.py`."""
    maker = runpy.run_path(str(ROOT / "docs" / "make_simulated_call.py"))
    assert maker["PICTURE"].read_text(encoding="utf-8") == maker["draw"]()


def test_scripts_are_sync_functions_of_tests() -> None:
    async def inside() -> None:
        await trio.lowlevel.checkpoint()
        simulate(waiter(), BOOKING)

    with pytest.raises(RuntimeError, match="run"):
        trio.run(inside)


def test_a_conversation_whose_caller_is_away_is_at_rest() -> None:
    impatient = SessionSettings(turn=TurnSettings(away_after_s=1.5))
    call = simulate(waiter(), Scenario(caller=[], settings=impatient))
    call.order("agent says Hello", "session user went away", "session session ended")
    assert call.record.left_s == pytest.approx(1.85 + 1.5 + 2.0, abs=0.1)
