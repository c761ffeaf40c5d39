"""How tools run in a conversation: what is said meanwhile, what they may ask for, and when they end."""

from __future__ import annotations

import asyncio
import json
import math

import pytest
import trio

from tests.agents.conversation import Talk, agent_with, texts
from trialogue.actors import LlmSettings
from trialogue.agents import (
    AgentStoppedSpeaking,
    EndCall,
    SessionEnded,
    SessionSettings,
    Silently,
    Tool,
    ToolContext,
    ToolError,
    ToolFinished,
    ToolSettings,
    ToolStepsUsedUp,
    tool,
)
from trialogue.agents.testing import Answer, FakeCall, FakeLlm, FakeStt, Line, Utterance
from trialogue.frames import ToolCall


def asks(*names: str, first: str = "") -> Answer:
    """The model's answer that calls tools, perhaps after some words."""
    calls = [ToolCall(call_id=str(number), name=name, arguments="{}") for number, name in enumerate(names, start=1)]
    return Answer([*([first] if first else []), *calls])


def one_question(*tools: Tool, answers: list[Answer | str], settings: SessionSettings | None = None) -> Talk:
    """A user asks one thing, and listens."""
    call = FakeCall(lines=[Line(at_s=0.0, for_s=0.5)], hangs_up_s=15)
    return Talk(call=call, llm=FakeLlm(answers=answers), agent=agent_with(*tools), settings=settings).hold()


@tool(settings=ToolSettings(filler="Let me see.", filler_after_s=1.0))
async def search() -> str:
    """Look something up."""
    await trio.sleep(3)
    return "found"


def test_a_tool_that_takes_long_has_something_said_meanwhile() -> None:
    talk = one_question(search, answers=[asks("search"), "It is here."])
    (reply,) = talk.of(AgentStoppedSpeaking)
    assert reply.heard == "Let me see.\nIt is here."
    assert texts(talk.llm.records[1].request.items)[-1] == "agent: Let me see."
    said = [record.asked_s for record in talk.tts.records]
    assert said[0] == pytest.approx(talk.of(ToolFinished)[0].at_s - 2.0, abs=0.05)


def test_a_tool_that_is_quick_needs_no_filler() -> None:
    @tool(settings=ToolSettings(filler="Let me see."))
    async def quick() -> str:
        """Look something up."""
        await trio.sleep(0.5)
        return "found"

    talk = one_question(quick, answers=[asks("quick"), "It is here."])
    assert talk.of(AgentStoppedSpeaking)[0].heard == "It is here."


def test_a_tool_tells_of_its_progress_instead() -> None:
    @tool(settings=ToolSettings(filler="Let me see."))
    async def count(context: ToolContext) -> str:
        """Count."""
        for number in ("One.", "Two."):
            await trio.sleep(0.6)
            context.say(number)
        await trio.sleep(1)
        return context.call_id

    talk = one_question(count, answers=[asks("count"), "Done."])
    assert talk.of(AgentStoppedSpeaking)[0].heard == "One.\nTwo.\nDone."


def test_progress_of_a_tool_whose_reply_was_cut_is_said_afterwards() -> None:
    @tool
    async def count(context: ToolContext) -> str:
        """Count."""
        await trio.sleep(5)
        context.say("I have counted.")
        return "7"

    stt = FakeStt(utterances=["count please", Utterance(text="wait a moment", word_s=0.1)])
    lines = [Line(at_s=0.0, for_s=0.5), Line(at_s=1.3, for_s=0.6)]
    llm = FakeLlm(answers=[asks("count", first="I will count all of them for you now, if you like."), "Sure."])
    talk = Talk(call=FakeCall(lines=lines, hangs_up_s=12), stt=stt, llm=llm, agent=agent_with(count)).hold()
    assert [event.heard for event in talk.of(AgentStoppedSpeaking)][1:] == ["Sure.", "I have counted."]


def test_to_a_silent_result_nothing_is_said() -> None:
    @tool
    def note() -> Silently:
        """Note something."""
        return Silently({"noted": True})

    talk = one_question(note, answers=[asks("note", first="Noted.")])
    assert texts(talk.history) == [
        "user: hello how are you",
        "agent: Noted.",
        "call 1: note {}",
        'output 1: {"noted": true}',
    ]


def test_a_tool_ends_the_call_after_its_farewell() -> None:
    @tool
    def hang_up() -> EndCall:
        """End the call."""
        return EndCall(farewell="Goodbye then.", reason="all is said")

    talk = one_question(hang_up, answers=[asks("hang_up")])
    ended = talk.the(SessionEnded)
    assert ended.reason == "all is said"
    assert [event.heard for event in talk.of(AgentStoppedSpeaking)] == ["", "Goodbye then."]
    assert ended.at_s == pytest.approx(talk.of(AgentStoppedSpeaking)[-1].at_s, abs=0.05)
    assert ended.at_s < 5


def test_a_user_who_speaks_into_the_farewell_keeps_the_call() -> None:
    @tool
    def hang_up() -> EndCall:
        """End the call."""
        return EndCall(farewell="Goodbye then, and have a very nice day, and come back soon, my friend.")

    stt = FakeStt(utterances=["that is all", Utterance(text="wait one more thing", word_s=0.1)])
    lines = [Line(at_s=0.0, for_s=0.5), Line(at_s=1.8, for_s=0.8)]
    llm = FakeLlm(answers=[asks("hang_up"), "Yes?"])
    talk = Talk(call=FakeCall(lines=lines, hangs_up_s=9), stt=stt, llm=llm, agent=agent_with(hang_up)).hold()
    assert talk.the(SessionEnded).reason == "the user has gone"
    assert talk.of(AgentStoppedSpeaking)[-1].heard == "Yes?"


@pytest.mark.parametrize(
    ("farewell", "waiting", "fault"), [("Goodbye.", 32, "32 replies wait"), ("", 0, "Circular reference")]
)
def test_what_cannot_end_the_call_is_an_error_for_the_model_and_the_call_goes_on(
    farewell: str, waiting: int, fault: str
) -> None:
    @tool
    def hang_up(context: ToolContext) -> EndCall:
        """End the call."""
        for _ in range(waiting):
            context.session.say("And so on.")
        result: list[object] = []
        if fault.startswith("Circular"):
            result.append(result)
        return EndCall(farewell=farewell, result=result)

    talk = one_question(hang_up, answers=[asks("hang_up"), "I cannot hang up."])
    assert fault in talk.the(ToolFinished).output
    assert talk.the(SessionEnded).reason == "the user has gone"
    assert talk.of(AgentStoppedSpeaking)[0].heard == "I cannot hang up."


def test_what_is_no_json_is_an_error_for_the_model() -> None:
    @tool
    def measure() -> float:
        """Measure."""
        return math.nan

    talk = one_question(measure, answers=[asks("measure"), "I could not measure it."])
    finished = talk.the(ToolFinished)
    assert finished.is_error
    assert "not JSON compliant" in finished.output


def test_an_error_meant_for_the_model_is_told_in_its_words() -> None:
    @tool
    def pay() -> None:
        """Pay."""
        raise ToolError("The card was declined; ask for another one.")

    talk = one_question(pay, answers=[asks("pay"), "I need another card."])
    finished = talk.the(ToolFinished)
    assert (finished.is_error, json.loads(finished.output)["error"]) == (
        True,
        "The card was declined; ask for another one.",
    )


def test_a_tool_has_a_patience_of_its_own() -> None:
    @tool(settings=ToolSettings(timeout_s=0.7))
    async def hang() -> None:
        """Hang."""
        await trio.sleep_forever()

    talk = one_question(hang, answers=[asks("hang"), "Sorry."])
    assert "no answer for 0.7 s" in talk.the(ToolFinished).output


@pytest.mark.parametrize(
    ("duplicates", "outputs"),
    [
        ("allow", ["done 1", "done 2"]),
        ("reject", ["done 1", "work is running already"]),
        ("replace", ["called anew", "done 2"]),
    ],
)
def test_a_tool_that_is_called_while_it_runs(duplicates: str, outputs: list[str]) -> None:
    @tool(settings=ToolSettings(duplicates=duplicates))  # type: ignore[arg-type]  # one of them
    async def work(context: ToolContext) -> str:
        """Work."""
        await trio.sleep(1)
        return f"done {context.call_id}"

    talk = one_question(work, answers=[asks("work", "work"), "Done."])
    found = {event.call_id: event.output for event in talk.of(ToolFinished)}
    assert all(wanted in found[str(number)] for number, wanted in enumerate(outputs, start=1))
    assert len([line for line in texts(talk.history) if line.startswith("output")]) == 2


@pytest.mark.parametrize("with_reply", [True, False])
def test_only_a_tool_that_wants_it_is_cancelled_with_its_reply(with_reply: bool) -> None:
    ends: list[str] = []

    @tool(settings=ToolSettings(cancel_on_interruption=with_reply))
    async def watch() -> str:
        """Watch."""
        try:
            await trio.sleep(3)
            ends.append("finished")
        except trio.Cancelled:
            ends.append("cancelled")
            raise
        return "seen"

    stt = FakeStt(utterances=["watch it", Utterance(text="wait a moment", word_s=0.1), "and now"])
    lines = [Line(at_s=0.0, for_s=0.5), Line(at_s=1.3, for_s=0.6), Line(at_s=6.0, for_s=0.5)]
    llm = FakeLlm(answers=[asks("watch", first="I will watch it for you as long as you want me to."), "Sure.", "Yes."])
    talk = Talk(call=FakeCall(lines=lines, hangs_up_s=9), stt=stt, llm=llm, agent=agent_with(watch)).hold()
    assert ends == (["cancelled"] if with_reply else ["finished"])
    assert ("cancelled" in talk.the(ToolFinished).output) is with_reply
    assert len([line for line in texts(talk.history) if line.startswith("output")]) == 1


def test_a_model_that_has_no_steps_left_must_answer_and_that_is_told() -> None:
    @tool
    def look() -> str:
        """Look."""
        return "nothing"

    answers: list[Answer | str] = [asks("look"), asks("look"), "I do not know."]
    talk = one_question(look, answers=answers, settings=SessionSettings(llm=LlmSettings(max_tool_steps=2)))
    assert talk.the(ToolStepsUsedUp).steps == 2
    assert [len(record.request.tools) for record in talk.llm.records] == [1, 1, 0]
    assert talk.of(AgentStoppedSpeaking)[0].heard == "I do not know."


def test_a_tool_may_be_written_for_asyncio() -> None:
    @tool(settings=ToolSettings(runs_on="asyncio"))
    async def ask_database(table: str = "guests") -> int:
        """Ask the database."""
        await asyncio.sleep(0.001)
        assert asyncio.get_running_loop().is_running()
        return len(table)

    talk = one_question(ask_database, answers=[asks("ask_database"), "Six."])
    assert talk.the(ToolFinished).output == "6"
