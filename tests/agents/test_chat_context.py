"""The conversation as a model is told it: windows, forks, summaries, JSON; a call and its output are never parted."""

from __future__ import annotations

import attrs
import hypothesis
import hypothesis.strategies as st
import pytest

from trialogue.agents import (
    ChatContext,
    ContextItem,
    Handoff,
    SettingsChanged,
    Summary,
    WindowPolicy,
    estimate_tokens,
)
from trialogue.engine import ConfigurationError, PolicyError
from trialogue.frames import AudioReference, ChatMessage, Image, ToolCall, ToolOutput


def user(text: str = "hello") -> ChatMessage:
    """A turn of the user."""
    return ChatMessage(role="user", text=text)


def agent(text: str = "hi") -> ChatMessage:
    """An answer."""
    return ChatMessage(role="agent", text=text)


def call(call_id: str) -> ToolCall:
    """A call of a tool."""
    return ToolCall(call_id=call_id, name="look", arguments='{"a": 1}')


def output(call_id: str) -> ToolOutput:
    """Its output."""
    return ToolOutput(call_id=call_id, name="look", output='"seen"')


words = st.text(max_size=12)
images = st.builds(Image, data=st.binary(max_size=8), url=words)
messages = st.builds(
    ChatMessage,
    role=st.sampled_from(["user", "agent"]),
    text=words,
    unheard=words,
    interrupted=st.booleans(),
    images=st.lists(images, max_size=1).map(tuple),
    audio=st.none() | st.builds(AudioReference, url=words, start_s=st.floats(0, 9), end_s=st.floats(9, 99)),
)
structural = st.one_of(
    st.builds(Handoff, from_agent=words, to_agent=words),
    st.builds(
        SettingsChanged, instructions=st.none() | words, tools=st.none() | st.lists(words, max_size=2).map(tuple)
    ),
    st.builds(Summary, text=words, turns=st.integers(0, 9)),
)


@st.composite
def conversations(draw: st.DrawFn, name: str = "call") -> list[ContextItem]:
    """A conversation as a session would write it: each call once, each output once and after its call, or not yet.

    Args:
        draw: hypothesis.
        name: what the ids of calls begin with; they are never used twice in a call.
    """
    items: list[ContextItem] = []
    waiting: list[str] = []
    for number in range(draw(st.integers(0, 25))):
        kind = draw(st.sampled_from(["message", "message", "call", "output", "structural"]))
        if kind == "call":
            waiting.append(f"{name} {number}")
            items.append(call(waiting[-1]))
        elif kind == "output" and waiting:
            items.append(output(waiting.pop(draw(st.integers(0, len(waiting) - 1)))))
        else:
            items.append(draw(structural if kind == "structural" else messages))
    return items


policies = st.builds(
    WindowPolicy,
    max_tokens=st.just(float("inf")) | st.integers(1, 100),
    max_turns=st.just(float("inf")) | st.integers(1, 4),
    max_tool_items=st.just(float("inf")) | st.integers(0, 4),
    max_images=st.just(float("inf")),  # a law of its own says what becomes of older pictures
)


def halves(items: tuple[ContextItem, ...]) -> tuple[set[str], set[str]]:
    """The ids of the calls and of the outputs."""
    return (
        {item.call_id for item in items if isinstance(item, ToolCall)},
        {item.call_id for item in items if isinstance(item, ToolOutput)},
    )


def is_subsequence(part: tuple[ContextItem, ...], whole: list[ContextItem]) -> bool:
    """Whether the objects of one list stand in another one, in their order."""
    rest = iter(whole)
    return all(any(item is other for other in rest) for item in part)


@hypothesis.given(conversations(), policies)
def test_a_window_is_the_newest_part_and_parts_no_call_from_its_output(
    items: list[ContextItem], policy: WindowPolicy
) -> None:
    context = ChatContext(items)
    window = context.window(policy).items
    assert is_subsequence(window, items)
    assert [item for item in window if isinstance(item, Summary)] == [i for i in items if isinstance(i, Summary)]
    calls, outputs = halves(window)
    all_calls, all_outputs = halves(tuple(items))
    assert outputs <= calls
    assert calls - outputs == all_calls - all_outputs  # those whose output is still to come, all of them
    turns = [item for item in items if isinstance(item, ChatMessage) and item.role == "user"]
    if turns:
        assert any(item is turns[-1] for item in window)
    kept_turns = ChatContext(window).turns
    assert kept_turns <= max(1, policy.max_turns)
    assert context.items == tuple(items)  # looking changes nothing


@hypothesis.given(conversations(), st.integers(0, 4))
def test_only_the_newest_pictures_stay_and_all_messages_do(items: list[ContextItem], most: int) -> None:
    window = ChatContext(items).window(WindowPolicy(max_images=most)).items
    assert [without_pictures(item) for item in window] == [without_pictures(item) for item in items]
    pictures = [image for item in items if isinstance(item, ChatMessage) for image in item.images]
    kept = [image for item in window if isinstance(item, ChatMessage) for image in item.images]
    assert kept == pictures[max(0, len(pictures) - most) :]


def without_pictures(item: ContextItem) -> ContextItem:
    return attrs.evolve(item, images=()) if isinstance(item, ChatMessage) else item


@hypothesis.given(conversations(), policies)
def test_truncating_is_the_same_and_again_changes_nothing(items: list[ContextItem], policy: WindowPolicy) -> None:
    context = ChatContext(items)
    window = context.window(policy).items
    context.truncate(policy)
    assert context.items == window
    context.truncate(policy)
    assert context.items == window


@hypothesis.given(conversations())
def test_for_a_model_each_call_has_one_output_right_after_its_run_of_calls(items: list[ContextItem]) -> None:
    told = ChatContext(items).for_model()
    assert all(isinstance(item, (ChatMessage, ToolCall, ToolOutput)) for item in told)
    waiting: list[str] = []
    for before, item in zip([None, *told], told, strict=False):
        if isinstance(item, ToolCall):
            assert not isinstance(before, ToolOutput) or not waiting
            waiting.append(item.call_id)
        elif isinstance(item, ToolOutput):
            assert item.call_id == waiting.pop(0)
        else:
            assert not waiting
    assert not waiting
    assert [item for item in told if isinstance(item, ChatMessage)] == [i for i in items if isinstance(i, ChatMessage)]


@hypothesis.given(conversations())
def test_json_gives_back_the_same(items: list[ContextItem]) -> None:
    context = ChatContext(items)
    assert ChatContext.from_json(context.to_json()).items == context.items


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("", "no conversation"),
        ("[]", "no conversation"),
        ('{"version": 1}', "no conversation"),
        ('{"version": 2, "items": []}', "version 1 was expected"),
        ('{"version": 1, "items": [{"type": "Poem"}]}', "a JSON object with a type was expected"),
        ('{"version": 1, "items": [{"type": "Summary", "text": 3, "turns": 1}]}', "Summary: Expected `str`"),
        ('{"version": 1, "items": [{"type": "Summary", "text": "a", "turns": 1, "mood": 1}]}', "Summary has no mood"),
        ('{"version": 1, "items": [{"type": "Summary", "text": "a"}]}', "missing required field `turns`"),
    ],
)
def test_what_is_no_conversation_is_told(document: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        ChatContext.from_json(document)


@hypothesis.given(conversations(), conversations(), conversations())
def test_a_fork_is_merged_without_what_it_began_with(
    items: list[ContextItem], mine: list[ContextItem], its: list[ContextItem]
) -> None:
    context = ChatContext(items)
    fork = context.fork()
    for item in its:
        fork.add(item)
    for item in mine:
        context.add(item)
    context.merge(fork)
    assert context.items == (*items, *mine, *its)
    context.merge(fork)  # what was merged is not merged again
    assert context.items == (*items, *mine, *its)


def test_a_fork_is_merged_without_its_tools() -> None:
    context = ChatContext([user()])
    fork = context.fork()
    for item in (call("1"), output("1"), agent("done")):
        fork.add(item)
    context.merge(fork, keep=lambda item: not isinstance(item, ToolCall))
    assert context.items == (user(), agent("done"))


@hypothesis.given(conversations(), st.integers(1, 3), conversations(name="later call"))
def test_a_summary_stands_for_the_old_and_loses_nothing_that_came_meanwhile(
    items: list[ContextItem], keep_turns: int, later: list[ContextItem]
) -> None:
    context = ChatContext(items)
    plan = context.plan_summary(keep_turns)
    if plan is None:
        assert context.turns <= keep_turns
        return
    for item in later:
        context.add(item)
    context.finish_summary(plan, "They talked.")
    assert context.turns >= keep_turns
    assert is_subsequence(tuple(later), list(context.items))
    planned = set(map(id, plan.items))
    left = [item for item in (*items, *later) if id(item) not in planned]
    assert [item for item in context.items if item != Summary(text="They talked.", turns=plan.turns)] == left
    calls, outputs = halves(context.items)
    all_calls, all_outputs = halves((*items, *later))
    assert calls - outputs == all_calls - all_outputs
    with pytest.raises(PolicyError, match="not in the context any more"):
        context.finish_summary(plan, "Again.")


def test_a_second_summary_takes_up_the_first() -> None:
    context = ChatContext([user("one"), agent("1"), user("two"), agent("2"), user("three")])
    plan = context.plan_summary(keep_turns=1)
    assert plan is not None
    context.finish_summary(plan, "One and two.")
    assert context.items == (Summary(text="One and two.", turns=2), user("three"))
    context.add(user("four"))
    second = context.plan_summary(keep_turns=1)
    assert second is not None
    assert second.turns == 3
    context.finish_summary(second, "All three.")
    assert context.items == (Summary(text="All three.", turns=3), user("four"))
    assert context.summary == "All three."
    assert context.plan_summary(keep_turns=1) is None
    context.finish_summary(second, "  ")  # a model that has nothing to say changes nothing


def test_items_are_put_and_replaced_by_identity() -> None:
    first, second = user("same"), user("same")
    context = ChatContext([first, second])
    context.insert(agent("between"), before=second)
    context.replace(first)
    assert context.items == (agent("between"), second)
    with pytest.raises(PolicyError, match="is not in the context"):
        context.replace(first)


def test_the_last_turn_stays_even_if_it_is_too_much() -> None:
    context = ChatContext([user("a"), agent("b"), user("c" * 4000), call("1")])
    window = context.window(WindowPolicy(max_tokens=10, max_tool_items=0))
    assert window.items == (user("c" * 4000), call("1"))


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("abcd", 1), ("abcde", 2), ("你好", 2), ("नमस्ते", 6), ("a你", 2)])
def test_tokens_are_estimated_by_script(text: str, tokens: int) -> None:
    assert estimate_tokens(text) == tokens


def test_tokens_may_be_counted_by_anybody() -> None:
    context = ChatContext([user("one two"), call("1"), output("1"), Summary(text="x y", turns=1)])
    assert context.tokens(lambda text: len(text.split())) == (4 + 2) + (4 + 1 + 2) + (4 + 1) + 2
    seen = ChatContext([attrs.evolve(user(""), images=(Image(url="a"),))])
    assert seen.tokens() == 304


@pytest.mark.parametrize("settings", [{"max_tokens": 0}, {"max_turns": 0}, {"max_tool_items": -1}])
def test_a_window_that_cannot_be_is_refused(settings: dict[str, float]) -> None:
    with pytest.raises(ConfigurationError, match="a window needs"):
        WindowPolicy(**settings)  # type: ignore[arg-type]  # that is the point
    with pytest.raises(ConfigurationError, match="at least 1 turn"):
        ChatContext().plan_summary(0)
