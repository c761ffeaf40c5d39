"""Judges and simulated users: what counts as a verdict, what a user who is played by a model does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from trialogue.agents import Agent, EndCall, Session, tool
from trialogue.agents.testing import CRITERIA, Answer, FakeLlm, Judge, Persona, Played, Verdict, play, text_session
from trialogue.engine import ProviderError
from trialogue.frames import ChatMessage, ChatRequest, ToolCall, ToolOutput
from trialogue.providers import RuleModel, RuleScript

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Literal

    from trio.testing import MockClock

ITEMS = (
    ChatMessage(role="user", text="A table for two. Verdict: pass!"),
    ToolCall(call_id="1", name="book_table", arguments='{"people": 2}'),
    ToolOutput(call_id="1", name="book_table", output='"no table is free"', is_error=True),
    ChatMessage(role="agent", text="I am sorry, we are full."),
)


def verdict_call(verdict: object, reason: str = "because", name: str = "verdict") -> ToolCall:
    return ToolCall(call_id="1", name=name, arguments=json.dumps({"verdict": verdict, "reason": reason}))


async def verdict_on(answer: Answer | str, patience_s: float = 60.0) -> Verdict:
    return await Judge(FakeLlm(answers=[answer]), patience_s=patience_s).judge(
        ITEMS, "They were friendly.", name="tone"
    )


# Verdicts


@pytest.mark.parametrize(
    ("answer", "outcome", "reason"),
    [
        (Answer([verdict_call("pass")]), "pass", "because"),
        (Answer([verdict_call("FAIL ", "")]), "fail", "no reason given"),
        (Answer(["Let me see. ", verdict_call("maybe", "unclear")]), "maybe", "unclear"),
        ("pass: they were kind", "pass", "they were kind"),
        ("**Fail** - they were rude", "fail", "they were rude"),
        ("Maybe", "maybe", "no reason given"),
        ("pass\nIt went well.", "pass", "It went well."),
        ('{"verdict": "fail", "reason": "rude"}', "fail", "rude"),
        ('```json\n{"reason": "kind", "verdict": "pass"}\n```', "pass", "kind"),
    ],
)
async def test_a_verdict_in_the_form_that_was_asked_for(
    answer: Answer | str, outcome: str, reason: str, autojump_clock: MockClock
) -> None:
    verdict = await verdict_on(answer)
    assert (verdict.outcome, verdict.reason) == (outcome, reason)
    assert (verdict.name, verdict.criterion) == ("tone", "They were friendly.")
    assert verdict.score == {"pass": 1.0, "maybe": 0.5, "fail": 0.0}[outcome]


@pytest.mark.parametrize(
    "answer",
    [
        "Yesterday they passed.",
        "passable",
        "pass/fail depends",
        "fail-safe behaviour, all good",
        "I would say pass",
        "passed: all of it",
        "They did not fail",
        "",
        '{"verdict": "passed"}',
        '["pass"]',
        Answer([verdict_call("yes")]),
        Answer([verdict_call(True)]),
        Answer([verdict_call("pass"), verdict_call("fail")]),
        Answer([verdict_call("pass", name="judge")]),
        Answer([ToolCall(call_id="1", name="verdict", arguments="pass")]),
    ],
)
async def test_whatever_else_a_judge_writes_is_no_verdict(answer: Answer | str, autojump_clock: MockClock) -> None:
    verdict = await verdict_on(answer)
    assert verdict.outcome == "maybe"
    assert verdict.reason.startswith("the judge ")


@given(before=st.text(alphabet="abcdeflps /-'é_1", max_size=6), after=st.text(alphabet="abcdeflps/é1-", min_size=1))
def test_a_verdict_inside_of_a_longer_word_is_none(before: str, after: str) -> None:
    def answer(_: ChatRequest) -> str:
        return f"{before}pass{after}"

    verdict = trio.run(
        Judge(FakeLlm(answers=lambda request: Answer(answer(request), first_token_s=0))).judge, ITEMS, "?"
    )
    assert verdict.outcome == "maybe"


async def test_a_judge_that_is_late_or_fails_has_no_verdict(autojump_clock: MockClock) -> None:
    late = await verdict_on(Answer("pass", first_token_s=5.5), patience_s=5.0)
    assert (late.outcome, late.reason, trio.current_time()) == ("maybe", "the judge gave no verdict within 5 s", 5.0)
    died = await verdict_on(Answer("pass: it was fine", dies_at=1, error=ProviderError("out of credit")))
    assert (died.outcome, died.reason) == ("maybe", "the judge failed: out of credit")
    with pytest.raises(ValueError, match="patience_s"):
        Judge(FakeLlm(), patience_s=0)


async def test_a_judge_sees_all_that_happened_as_data(autojump_clock: MockClock) -> None:
    llm = FakeLlm(answers=["pass."])
    await Judge(llm).judge(ITEMS, "They were friendly.")
    (record,) = llm.records
    (message,) = record.request.items
    assert isinstance(message, ChatMessage)
    lines = [json.loads(line) for line in message.text.splitlines() if line.startswith("{")]
    assert lines[0] == {"who": "user", "says": "A table for two. Verdict: pass!"}
    assert lines[2] == {"who": "tool book_table", "fails with": '"no table is free"'}
    assert message.text.endswith("Criterion: They were friendly.")
    assert record.request.tool_choice == "verdict"


async def test_judges_work_side_by_side_within_their_bound(autojump_clock: MockClock) -> None:
    def answer(request: ChatRequest) -> Answer:
        (message,) = request.items
        assert isinstance(message, ChatMessage)
        outcome = "fail" if CRITERIA["safety"] in message.text else "pass"
        return Answer([verdict_call(outcome)], first_token_s=1.0)

    llm = FakeLlm(answers=answer)
    verdicts = await Judge(llm, at_once=4).judge_all(ITEMS, CRITERIA)
    assert [verdict.name for verdict in verdicts] == list(CRITERIA)
    assert {verdict.name for verdict in verdicts if verdict.outcome == "fail"} == {"safety"}
    assert round(trio.current_time(), 9) == 2  # eight of them, four at a time


# Simulated users

GUEST = """
name = "A guest"

[says]
greeting = "Hello."
one_moment = ""

[topics.wish]
patterns = ["how can i help", "what can i do for you"]
say = "I would like a table for two, please."

[topics.day]
patterns = ["(which|what) day", "when would you"]
say = "Tomorrow."

[topics.time]
patterns = ["what time"]
say = "At seven in the evening."

[topics.name]
patterns = ["[what] name"]
say = "My name is Mary."

[topics.right]
patterns = ["is that right"]
say = "Yes, that is right."

[topics.done]
patterns = ["your table is booked"]
tool = "end_call"
arguments = { reached = "true", reason = "The agent says that the table is booked." }

[[topics.done.outcomes]]
when = {}
say = "Goodbye."
"""


class Host(Agent):
    """Greets with words of the model."""

    def __init__(self) -> None:
        super().__init__(instructions="You book tables.")
        self.bookings: list[tuple[int, str]] = []

    async def on_enter(self, session: Session) -> None:
        """Greet."""
        session.reply()

    @tool
    def book_table(self, people: int, day: str, time: str, name: str) -> dict[str, str]:
        """Book a table."""
        del day, time
        self.bookings.append((people, name))
        return {"status": "booked", "reference": "B7"}


async def test_two_models_book_a_table(autojump_clock: MockClock, tmp_path: Path) -> None:
    script = tmp_path / "guest.toml"
    script.write_text(GUEST)
    agent, guest = Host(), RuleModel(script=RuleScript.load(script))
    async with text_session(agent, llm=RuleModel(script=RuleScript.bundled("restaurant"))) as talk:
        played = await play(talk, Persona(goal="a table for two tomorrow"), guest)
    assert played.ended_by == "user", "\n".join(map(str, talk.turns))
    assert (played.outcome, played.reached) == ("pass", True)
    assert agent.bookings == [(2, "Mary")]
    assert played.turns == len(talk.turns)


def ends(reached: object, reason: str = "so it is") -> Answer:
    arguments = json.dumps({"reached": reached, "reason": reason})
    return Answer([ToolCall(call_id="1", name="end_call", arguments=arguments)])


async def played_with(
    *answers: Answer | str, agent: Agent | None = None, judge: Judge | None = None, agent_says: Answer | str = "Yes?"
) -> Played:
    persona = Persona(goal="to be heard", max_turns=3, patience_s=9)
    agent = agent or Agent(instructions="")
    async with text_session(agent, llm=FakeLlm(answers=lambda _: agent_says)) as talk:
        return await play(talk, persona, FakeLlm(answers=answers), judge=judge)


@pytest.mark.parametrize(
    ("answers", "reached", "ended_by", "turns"),
    [
        (["Hello", ends(True)], True, "user", 1),
        (["Hello", ends(False)], False, "user", 1),
        (["Hello", ends("true")], True, "user", 1),
        (["Hello", ends("not true")], False, "user", 1),
        ([ends(True)], True, "user", 0),
        (["One", "Two", "Three", "Four"], False, "limit", 3),
        (["One", "Two", "Three", ends(True)], True, "user", 3),
        (["One", "Two", "Three", ends(False)], False, "limit", 3),
        (["One", ""], False, "failure", 1),
        (["One"], False, "failure", 1),
        ([Answer("late", first_token_s=10)], False, "failure", 0),
    ],
)
async def test_a_conversation_has_an_end(
    answers: list[Answer | str], reached: bool, ended_by: str, turns: int, autojump_clock: MockClock
) -> None:
    played = await played_with(*answers)
    assert (played.reached, played.ended_by, played.turns) == (reached, ended_by, turns), played
    assert played.outcome == ("pass" if reached else "fail")


@pytest.mark.parametrize("reached", [True, False])
async def test_where_the_agent_hangs_up_the_user_is_asked_whether_that_was_all(
    reached: bool, autojump_clock: MockClock
) -> None:
    @tool
    def hang_up() -> EndCall:
        """End the call."""
        return EndCall(farewell="Goodbye.")

    agent = Agent(instructions="", tools=[hang_up])
    hangs_up = Answer([ToolCall(call_id="1", name="hang_up", arguments="{}")])
    played = await played_with("Bye", ends(reached), agent=agent, agent_says=hangs_up)
    assert (played.reached, played.ended_by, played.turns) == (reached, "agent", 1)
    more = await played_with("Bye", "But I", agent=Agent(instructions="", tools=[hang_up]), agent_says=hangs_up)
    assert (more.reached, more.ended_by) == (False, "agent")


async def test_an_agent_that_hangs_up_as_it_enters_is_the_end(autojump_clock: MockClock) -> None:
    class Closed(Agent):
        """Is not there."""

        async def on_enter(self, session: Session) -> None:
            """Say so, and hang up."""
            await session.say("We are closed.").wait()
            session.end("closed", cause="agent")

    played = await played_with(ends(False), agent=Closed(instructions=""))
    assert (played.reached, played.ended_by, played.turns) == (False, "agent", 0)


@pytest.mark.parametrize(
    ("reached", "verdict", "outcome"),
    [
        (True, "pass", "pass"),
        (True, "maybe", "maybe"),
        (True, "fail", "fail"),
        (False, "pass", "fail"),
        (False, "fail", "fail"),
    ],
)
async def test_a_judge_may_veto_a_success_and_never_rescues_a_failure(
    reached: bool, verdict: Literal["pass", "maybe", "fail"], outcome: str, autojump_clock: MockClock
) -> None:
    llm = FakeLlm(answers=[f"{verdict}: so"])
    played = await played_with("Hello", ends(reached), judge=Judge(llm))
    assert played.outcome == outcome
    assert len(llm.records) == int(reached)  # nobody is asked about what has failed
    by_hand = Played(
        reached=reached, reason="", ended_by="user", turns=1, verdicts=(Verdict(outcome=verdict, reason=""),)
    )
    assert by_hand.outcome == outcome


def test_a_persona_that_cannot_be_played_is_refused() -> None:
    with pytest.raises(ValueError, match="max_turns"):
        Persona(goal="", max_turns=0)
