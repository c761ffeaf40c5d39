"""Suites: what they play, how they end, and what they tell of it."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import attrs
import pytest

from tests.agents.testing.test_judge import Host
from trialogue.agents import Agent
from trialogue.agents.testing import (
    Answer,
    Call,
    Caller,
    Case,
    FakeLlm,
    Judge,
    Persona,
    Scenario,
    TextTalk,
    run_suite,
)
from trialogue.engine import ConfigurationError
from trialogue.frames import ToolCall
from trialogue.providers import RuleModel, RuleScript


def restaurant() -> RuleModel:
    return RuleModel(script=RuleScript.bundled("restaurant"))


def parrot() -> Agent:
    return Agent(instructions="Say <what> & nothing else.")


def polly() -> FakeLlm:
    return FakeLlm(answers=lambda _: "Hello <you> & me.")


def contented() -> FakeLlm:
    ends = ToolCall(call_id="1", name="end_call", arguments='{"reached": true, "reason": "I was greeted."}')
    return FakeLlm(answers=["Hello", Answer([ends])])


def restless() -> FakeLlm:
    return FakeLlm(answers=lambda _: "And?")


async def books_a_table(talk: TextTalk) -> None:
    turn = await talk.says("a table for two tomorrow at seven, my name is Mary")
    turn.says("is that right")
    (await talk.says("yes")).contains_call("book_table", people=2, name="Mary")


async def expects_too_much(talk: TextTalk) -> None:
    (await talk.says("Hello")).says("Your Majesty")


async def breaks(talk: TextTalk) -> None:
    await talk.says("Hello")
    raise RuntimeError("a mistake in the script")


async def greets(talk: TextTalk) -> None:
    print("what is printed does not disturb")
    (await talk.says("Hello")).says("hello")


async def calls(caller: Caller) -> None:
    await caller.says("Hello")
    await caller.hears("Hello you")


def was_greeted(call: Call) -> None:
    call.agent.said("Hello you")


def was_told_its_name(talk: TextTalk) -> None:
    talk.turns[-1].contains("Mary")


BOOKS = Case(name="a table", agent=Host, llm=restaurant, talks=books_a_table, checks=[was_told_its_name], seed=3)
GREETS = Case(name="a greeting", agent=parrot, llm=polly, talks=greets)
CALLS = Case(name="a call", agent=parrot, talks=Scenario(caller=calls, then="Hello you."), checks=[was_greeted])
PERSONA = Case(name="a persona", agent=parrot, llm=polly, user=contented, talks=Persona(goal="to be greeted"))
RESTLESS = Case(name="a restless one", agent=parrot, llm=polly, user=restless, talks=Persona(goal="more", max_turns=2))
TOO_MUCH = Case(name="too much <asked>", agent=parrot, llm=polly, talks=expects_too_much)
BREAKS = Case(name="a broken one", agent=parrot, llm=polly, talks=breaks)
GOOD = (BOOKS, GREETS, CALLS, PERSONA)
BAD = (RESTLESS, TOO_MUCH, BREAKS)


def test_a_suite_of_good_conversations_passes() -> None:
    result = run_suite(GOOD, name="Good ones")
    assert (result.exit_status, result.counts) == (0, {"pass": 4}), str(result)
    assert "tool called   book_table" in result.cases[0].transcript
    assert all(case.score == 1 for case in result.cases)
    assert str(result).startswith("Good ones: 4 passed\n  pass   a table\n")


def test_what_fails_says_why() -> None:
    result = run_suite((*BAD, GREETS))
    assert (result.exit_status, result.counts) == (1, {"fail": 3, "pass": 1})
    restless, too_much, broken, _ = result.cases
    assert restless.complaint == "the user's goal was not reached: it would have taken more than 2 turns"
    assert too_much.complaint == "the agent does not say 'Your Majesty'; it says 'Hello <you> & me.'"
    assert "user says     Hello" in too_much.detail
    assert broken.complaint == "RuntimeError: a mistake in the script"
    assert "in breaks" in broken.detail
    assert [case.score for case in result.cases] == [0, 0, 0, 1]
    assert all(case.items for case in result.cases)


@pytest.mark.integration
def test_in_processes_the_same_happens() -> None:
    bar = io.StringIO()
    cases = (BOOKS, GREETS, TOO_MUCH)
    apart, here = run_suite(cases, workers=2, progress=bar), run_suite(cases)
    assert apart == here
    assert bar.getvalue().endswith("3/3  2 passed, 1 failed\n")


def exits() -> Agent:
    raise SystemExit(7)


@pytest.mark.integration
def test_a_process_that_dies_is_a_case_that_failed() -> None:
    dead, alive = run_suite((attrs.evolve(GREETS, name="dead", agent=exits), GREETS), workers=2).cases
    assert dead.complaint == "the process of this case died with the status 7"
    assert alive.outcome == "pass"


def test_the_same_seed_gives_the_same_conversation() -> None:
    assert run_suite(GOOD) == run_suite(GOOD)


# Judging


def judging(answers: dict[str, str]) -> Judge:
    def answer(request: object) -> Answer:
        found = [verdict for criterion, verdict in answers.items() if criterion in str(request)]
        return Answer(found[0], first_token_s=0.0, token_interval_s=0.0)

    return Judge(FakeLlm(answers=answer), at_once=2)


def test_judges_are_asked_about_what_has_not_failed() -> None:
    judge = judging({"were kind": "pass: they were", "were brief": "maybe: who knows"})
    criteria = {"tone": "They were kind.", "length": "They were brief."}
    cases = [attrs.evolve(case, criteria=criteria) for case in (GREETS, TOO_MUCH)]
    result = run_suite(cases, judge=judge)
    greets, too_much = result.cases
    assert [(verdict.name, verdict.outcome) for verdict in greets.verdicts] == [("tone", "pass"), ("length", "maybe")]
    assert (greets.outcome, greets.score) == ("maybe", 0.75)
    assert (too_much.verdicts, too_much.outcome, too_much.score) == ((), "fail", 0)
    assert "length: maybe, who knows" in str(result)


@pytest.mark.parametrize(("verdict", "status"), [("pass", 0), ("maybe", 2), ("fail", 1)])
def test_the_exit_status_tells_doubt_from_failure(verdict: str, status: int) -> None:
    case = attrs.evolve(GREETS, criteria={"tone": "They were kind."})
    assert run_suite([case], judge=judging({"kind": f"{verdict}: so"})).exit_status == status


# What is told


def test_the_bar_goes_on_with_each_case() -> None:
    bar = io.StringIO()
    run_suite((GREETS, TOO_MUCH), progress=bar)
    drawn = bar.getvalue().split("\r")[1:]
    assert [line[31:].strip() for line in drawn] == ["] 1/2  1 passed", "] 2/2  1 passed, 1 failed"]
    assert run_suite([], progress=io.StringIO()).exit_status == 0


def test_json_tells_all_of_it(tmp_path: Path) -> None:
    result = run_suite((BOOKS, PERSONA, TOO_MUCH))
    result.write_json(tmp_path / "new" / "suite.json")
    told = json.loads((tmp_path / "new" / "suite.json").read_text())
    assert (told["exit_status"], told["counts"]) == (1, {"pass": 2, "maybe": 0, "fail": 1})
    assert [case["name"] for case in told["cases"]] == ["a table", "a persona", "too much <asked>"]
    assert {"name": "book_table", "": "ToolCall"}.items() <= {
        key: value for item in told["cases"][0]["items"] if item[""] == "ToolCall" for key, value in item.items()
    }.items()
    assert told["cases"][1]["user"] == {"reached": True, "reason": "I was greeted.", "ended by": "user"}


def test_the_page_is_well_formed_and_refers_to_nothing_outside(tmp_path: Path) -> None:
    judge = judging({"kind": "maybe: <hm>\x00"})
    cases = [attrs.evolve(GREETS, criteria={"tone": "They were kind."}), TOO_MUCH, BREAKS, PERSONA]
    page = tmp_path / "suite.html"
    run_suite(cases, name="Ones & others", judge=judge).write_html(page)
    text = page.read_text(encoding="utf-8")
    tree = ET.fromstring(text.removeprefix("<!DOCTYPE html>"))
    words = " ".join(tree.itertext())
    for expected in ("Ones & others", "Hello <you> & me.", "too much <asked>", "tone: <hm>", "a mistake in the script"):
        assert expected in words
    ids = {element.get("id") for element in tree.iter()}
    links = [element.get("href", "") for element in tree.iter("a")]
    assert links
    assert all(link[0] == "#" and link[1:] in ids for link in links)
    assert "http://" not in text
    assert "https://" not in text


@pytest.mark.integration
@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs chromium")
def test_a_browser_shows_the_page(tmp_path: Path) -> None:
    page, picture = tmp_path / "suite.html", tmp_path / "suite.png"
    run_suite((*GOOD, *BAD), name="All of them").write_html(page)
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--screenshot={picture}", page.as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    assert picture.read_bytes().startswith(b"\x89PNG")


# What cannot work


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: run_suite([GREETS, GREETS]), "two cases are called 'a greeting'"),
        (lambda: run_suite([attrs.evolve(GREETS, criteria={"tone": "?"})]), "has no judge"),
        (lambda: run_suite([], workers=0), "at least one worker"),
        (
            lambda: run_suite([attrs.evolve(GREETS, agent=lambda: parrot())], workers=2),
            "functions that can be imported",
        ),
        (lambda: Case(name="x", agent=parrot, talks=greets), "give `llm`"),
        (lambda: Case(name="x", agent=parrot, llm=polly, talks=Persona(goal="")), "give `user`"),
        (lambda: run_suite([]).write_json(Path("/dev/null/x")), "cannot be written"),
    ],
)
def test_what_cannot_work_is_refused(make: object, complaint: str) -> None:
    assert callable(make)
    with pytest.raises(ConfigurationError, match=complaint):
        make()
