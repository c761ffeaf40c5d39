"""An agent that speaks for an assistant: what it is told, asks, and leaves to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import trio

from tests.agents.conversation import Talk, texts
from trialogue.agents import Agent, Envoy, Exchange, Session
from trialogue.agents.testing import FakeCall, FakeLlm, FakeStt, Line, Utterance
from trialogue.engine import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


def hold(
    does: Callable[[Envoy], Awaitable[None]], *lines: Line, hangs_up_s: float = 20.0, answers: bool = False
) -> Talk:
    """A call in which an assistant does something."""
    envoy = Envoy(answers=answers)

    async def do(session: Session) -> None:
        await does(envoy)
        await session.wait_ended()

    stt = FakeStt(utterances=["four people", Utterance(text="on friday", word_s=0.2)])
    call = FakeCall(lines=lines, hangs_up_s=hangs_up_s)
    return Talk(call=call, stt=stt, llm=FakeLlm(answers=["Of course."]), agent=envoy, do=do).hold()


def test_a_question_is_asked_and_its_answer_is_the_assistants_alone() -> None:
    got: list[Exchange] = []

    async def does(envoy: Envoy) -> None:
        got.append(await envoy.ask("How many are you?"))
        got.append(await envoy.say("Thank you."))

    talk = hold(does, Line(at_s=2.0, for_s=0.5))
    assert got == [
        Exchange(heard="How many are you?", outcome="completed", answer="four people"),
        Exchange(heard="Thank you.", outcome="completed"),
    ]
    assert texts(talk.history) == ["agent: How many are you?", "user: four people", "agent: Thank you."]
    assert not talk.llm.records


def test_an_answer_may_interrupt_the_question_but_not_come_before_it() -> None:
    got: list[Exchange] = []

    async def does(envoy: Envoy) -> None:
        await trio.sleep(1.5)  # the user has spoken unasked
        got.append(await envoy.ask("And when do you want to come, and what would you like to eat?"))

    talk = hold(does, Line(at_s=0.0, for_s=0.5), Line(at_s=1.9, for_s=0.9))
    assert (got[0].outcome, got[0].answer) == ("interrupted", "on friday")
    assert [text for text in texts(talk.history) if text.startswith("user")] == ["user: four people", "user: on friday"]


def test_what_was_said_before_the_question_was_heard_is_no_answer() -> None:
    got: list[Exchange] = []

    async def does(envoy: Envoy) -> None:
        await trio.sleep(0.9)
        got.append(await envoy.ask("And when do you want to come?", within_s=2.0))

    hold(does, Line(at_s=0.0, for_s=0.5))
    assert got[0].answer is None


def test_a_question_that_nobody_hears_has_no_answer() -> None:
    got: list[Exchange] = []

    async def does(envoy: Envoy) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_interrupt, envoy)
            got.append(await envoy.ask("How many are you?"))

    talk = hold(does, Line(at_s=2.0, for_s=0.5))
    assert [(each.heard, each.answer) for each in got] == [("", None)]
    assert texts(talk.history) == ["user: four people"]


async def _interrupt(envoy: Envoy) -> None:
    await trio.testing.wait_all_tasks_blocked()
    envoy.session.interrupt()


@pytest.mark.parametrize(("hangs_up_s", "after_s"), [(20.0, 5.0), (3.0, 3.0)])
def test_no_answer_comes_in_time_or_before_the_user_has_gone(hangs_up_s: float, after_s: float) -> None:
    got: list[Exchange] = []
    ended_s: list[float] = []

    async def does(envoy: Envoy) -> None:
        begun_s = trio.current_time()
        got.append(await envoy.ask("Hello?", within_s=4.9))
        ended_s.append(trio.current_time() - begun_s)

    hold(does, hangs_up_s=hangs_up_s)
    assert got == [Exchange(heard="Hello?", outcome="completed", answer=None)]
    assert ended_s[0] == pytest.approx(after_s, abs=0.25)


@pytest.mark.parametrize("answers", [False, True])
def test_what_nobody_has_asked_for_is_left_or_answered(answers: bool) -> None:
    async def does(envoy: Envoy) -> None:
        await trio.lowlevel.checkpoint()

    talk = hold(does, Line(at_s=0.0, for_s=0.5), answers=answers)
    assert texts(talk.history) == ["user: four people", *(["agent: Of course."] if answers else [])]


def test_there_is_one_question_at_a_time_and_none_outside_a_call() -> None:
    envoys: list[Envoy] = []

    async def does(envoy: Envoy) -> None:
        envoys.append(envoy)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(envoy.ask, "How many?")
            await trio.sleep(0.1)
            with pytest.raises(ConfigurationError, match="another question is open"):
                await envoy.ask("When?")
            nursery.cancel_scope.cancel()
        assert (await envoy.ask("When?", within_s=0.1)).heard == "When?"

    hold(does)
    for envoy, why in ((envoys[0], "the call is over: the user has gone"), (Envoy(), "has not begun")):
        with pytest.raises(ConfigurationError, match=why):
            _ = envoy.session


def test_who_has_handed_over_speaks_no_more() -> None:
    async def does(envoy: Envoy) -> None:
        await envoy.say("Goodbye.")
        envoy.session.handoff(Agent(instructions=""))
        await trio.testing.wait_all_tasks_blocked()
        with pytest.raises(ConfigurationError, match="another agent"):
            await envoy.say("Hello?")

    hold(does)
