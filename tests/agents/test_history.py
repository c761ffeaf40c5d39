"""The history: what was heard, each part in its place, and one output for each call."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import hypothesis
import hypothesis.strategies as st

from tests.agents.conversation import texts
from trialogue.agents import Agent, ConversationSettings, Handoff, SessionSettings, Summary
from trialogue.agents.context._books import Books
from trialogue.agents.context._history import History
from trialogue.agents.session._seat import Seat
from trialogue.agents.session._time import SessionTime
from trialogue.agents.speech._mouth import Mouth
from trialogue.agents.speech._reply import Asked
from trialogue.frames import ChatMessage, ToolCall, ToolOutput

if TYPE_CHECKING:
    from trialogue.frames import ChatItem


def call(number: str) -> ToolCall:
    """A tool's call."""
    return ToolCall(call_id=number, name="look", arguments="{}")


def output(number: str) -> ToolOutput:
    """Its output."""
    return ToolOutput(call_id=number, name="look", output=number)


@st.composite
def histories(draw: st.DrawFn) -> list[ChatItem]:
    """Items in an order that can happen: an output comes once, some time after its call, or never."""
    items: list[ChatItem] = []
    open_calls: list[str] = []
    for number in range(draw(st.integers(0, 12))):
        match draw(st.sampled_from(["user", "agent", "call", "output"])):
            case "user":
                items.append(ChatMessage(role="user", text=str(number)))
            case "agent":
                items.append(ChatMessage(role="agent", text=str(number)))
            case "call":
                items.append(call(str(number)))
                open_calls.append(str(number))
            case _ if open_calls:
                items.append(output(open_calls.pop(draw(st.integers(0, len(open_calls) - 1)))))
            case _:
                pass
    return items


@hypothesis.given(items=histories())
def test_a_model_reads_one_output_for_each_call_directly_after_the_calls(items: list[ChatItem]) -> None:
    history = History()
    for item in items:
        history.add(item)
    ready = history.for_model()
    assert [item for item in ready if not isinstance(item, ToolOutput)] == [
        item for item in items if not isinstance(item, ToolOutput)
    ]
    known = {item.call_id: item for item in items if isinstance(item, ToolOutput)}
    at = 0
    while at < len(ready):
        calls = list(itertools.takewhile(lambda item: isinstance(item, ToolCall), ready[at:]))
        answers = ready[at + len(calls) : at + 2 * len(calls)]
        for asked, answer in zip(calls, answers, strict=True):
            assert isinstance(asked, ToolCall)
            assert isinstance(answer, ToolOutput)
            assert answer.call_id == asked.call_id
            assert answer == known.get(asked.call_id, answer)
            assert answer.output == (asked.call_id if asked.call_id in known else '"still running"')
        at += 2 * len(calls) + (not calls)
        assert at >= len(ready) or calls or not isinstance(ready[at - 1], ToolOutput)


@hypothesis.given(
    parts=st.lists(st.text("ab ", max_size=5), min_size=1, max_size=4),
    heard=st.integers(0, 20),
    interrupted=st.booleans(),
)
def test_a_reply_is_remembered_as_far_as_it_was_heard_each_part_before_its_tools(
    parts: list[str], heard: int, interrupted: bool
) -> None:
    history = History()
    books = Books(history, lambda event: None, SessionTime())
    mouth = Mouth(books, ConversationSettings(), Seat(Agent(instructions=""), books, SessionSettings()))
    reply = mouth.queue.make(Asked(kind="answer"), mouth)
    history.add(ChatMessage(role="user", text="?"))
    for number, part in enumerate(parts):
        reply.draft.source += part
        if number < len(parts) - 1:
            asked = call(str(number))
            reply.draft.tool_breaks.append((len(reply.source), asked))
            history.add(asked)
            history.add(output(str(number)))
    heard = min(heard, len(reply.source))
    history.commit(reply, heard, interrupted=interrupted)
    items = list(history.items[1:])
    tools = [item for item in items if not isinstance(item, ChatMessage)]
    assert tools == [part for number in range(len(parts) - 1) for part in (call(str(number)), output(str(number)))]
    start, at = 0, 0
    for part in parts:
        spoken = part[: max(0, heard - start)].strip()
        if spoken:
            message = items[at]
            assert isinstance(message, ChatMessage)
            assert message.text == spoken
            unheard = part[max(0, heard - start) :].strip()
            assert message.interrupted == (interrupted and bool(unheard))
            assert message.unheard == (unheard if interrupted else "")
            at += 1
        at += 2
        start += len(part)
    assert at - 2 == len(items)


def test_a_turn_that_goes_on_replaces_itself_only_if_nothing_came_between() -> None:
    history = History()
    history.add_turn("a table", "")
    history.add_turn("a table for four", "a table")
    assert texts(history.items) == ["user: a table for four"]
    history.add(call("1"))
    history.add_turn("a table for four on Friday", "a table for four")
    history.add_turn("a table for four on Friday please", "a table for four on Friday")
    history.add_turn("a table for four on Friday please", "a table for four on Friday please")
    assert texts(history.items) == ["user: a table for four", "call 1: look {}", "user: on Friday please"]


def test_two_turns_are_two_messages() -> None:
    history = History()
    history.add_turn("one", "")
    history.add_turn("two", "")
    assert texts(history.items) == ["user: one", "user: two"]


@hypothesis.given(ids=st.lists(st.lists(st.sampled_from(["", "1", "1-2", "2"]), min_size=1, max_size=3), max_size=4))
def test_every_call_has_an_id_of_its_own(ids: list[list[str]]) -> None:
    history = History()
    for batch in ids:
        for own in history.with_own_ids(tuple(call(number) for number in batch)):
            history.add(own)
    given = [item.call_id for item in history.items if isinstance(item, ToolCall)]
    assert len(set(given)) == len(given) == sum(map(len, ids))
    assert all(number.startswith(asked) for number, asked in zip(given, itertools.chain(*ids), strict=True))


def test_a_summary_of_what_an_agent_knows_does_not_bring_back_what_it_does_not() -> None:
    history = History()
    history.add_turn("a secret", "")
    handoff = Handoff(from_agent="One", to_agent="Two")
    history.add(handoff)
    history.told_since = handoff
    for word in ("hello", "how are you", "fine"):
        history.add_turn(word, "")
    plan = history.told.plan_summary(keep_turns=1)
    assert plan is not None
    assert handoff in plan.items
    history.finish_summary(plan, "They greet each other.")
    summary = Summary(text="They greet each other.", turns=2)
    assert history.told.items == (summary, ChatMessage(role="user", text="fine"))
    assert texts(history.items) == ["user: a secret", "user: fine"]
