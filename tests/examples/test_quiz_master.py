"""The quiz: interrupted a lot, and its points still depend on what was heard."""

from __future__ import annotations

import json

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examples.quiz_master import QUESTIONS, SETTINGS, QuizMaster, impatient, quiz_model
from tests.examples.programs import run_offline
from trialogue.agents import AgentResumed, AgentStoppedSpeaking, ToolFinished, ToolStarted
from trialogue.agents.testing import Call, Caller, Scenario, check_laws, simulate

ROUND = Scenario(caller=impatient, answers=quiz_model, settings=SETTINGS)


def hold(scenario: Scenario) -> tuple[QuizMaster, Call]:
    agent = QuizMaster()
    call = simulate(agent, scenario)
    check_laws(call)
    return agent, call


def test_early_answers_count_twice_and_one_in_time_once() -> None:
    agent, call = hold(ROUND)
    assert agent.points == 5
    call.agent.said("Which river flows", "Right and early! Which planet", "speaks to a skull?", "Right!", "5 points")
    call.agent.never_said("and ends in the Black Sea?")
    call.order("caller says The Danube", "agent is cut off", "tool judge", "caller says Jupiter", "agent is cut off")


def test_neither_a_cough_nor_an_mhm_is_an_answer() -> None:
    _, call = hold(ROUND)
    assert call.of(AgentResumed)
    assert [each.arguments for each in call.of(ToolStarted) if each.name == "judge"][1:] == [
        '{"answer": "Jupiter"}',
        '{"answer": "Shakespeare"}',
    ]
    assert len([each for each in call.of(AgentStoppedSpeaking) if each.interrupted and each.played_s]) == 2


@given(
    cuts=st.lists(
        st.tuples(
            st.floats(min_value=0, max_value=4),
            st.sampled_from(["the Danube", "Jupiter", "Shakespeare", "no idea", "wait stop", "mhm", ""]),
        ),
        max_size=8,
    )
)
@settings(max_examples=60)
def test_whoever_cuts_in_wherever_no_question_is_judged_twice(cuts: list[tuple[float, str]]) -> None:
    async def cuts_in(caller: Caller) -> None:
        for after_s, words in cuts:
            await caller.waits(round(after_s, 3))
            await (caller.says(words) if words else caller.coughs())

    agent, call = hold(attrs.evolve(ROUND, caller=cuts_in))
    call.agent.said("Welcome! An early answer counts twice. Here we go.")  # which may not be cut short
    judged = [json.loads(each.output) for each in call.of(ToolFinished) if each.name == "judge"]
    verdicts = [each["verdict"] for each in judged if each["verdict"] != "nothing is asked at the moment"]
    assert len(verdicts) <= len(QUESTIONS)
    assert agent.points == verdicts.count("right") + 2 * verdicts.count("right and early")


def test_the_rules_are_not_cut_short() -> None:
    async def cuts_in(caller: Caller) -> None:
        await caller.hears("Welcome!")
        await caller.says("Stop stop stop")
        await caller.hears("Here we go.")

    _, call = hold(attrs.evolve(ROUND, caller=cuts_in))
    call.order("caller says Stop", "agent says Which river")


def test_it_is_the_same_round_every_time() -> None:
    assert hold(ROUND)[1].log() == hold(ROUND)[1].log()


def test_with_sound_it_is_the_same_story() -> None:
    agent, call = hold(attrs.evolve(ROUND, level="sound"))
    assert agent.points == 5
    call.agent.never_said("and ends in the Black Sea?")


@pytest.mark.integration
def test_it_runs_as_a_program() -> None:
    printed = run_offline("examples/quiz_master.py")
    assert printed.startswith("5 points")
    assert "| " in printed.split("What is remembered")[1]
