"""The pure parts of the chat client: every conversation makes a fit request, and a stream may be cut anywhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.providers.chat_server import DONE, call_piece, check_request, delta, ending, event, usage
from trialogue.engine import ProviderError
from trialogue.frames import (
    ChatItem,
    ChatMessage,
    ChatRequest,
    ModelOutput,
    TextDelta,
    TokenUsage,
    ToolCall,
    ToolOutput,
)
from trialogue.providers._openai_errors import retry_after_s, status_error
from trialogue.providers._openai_messages import openai_body
from trialogue.providers._openai_stream import EventLines, ReplyReader

if TYPE_CHECKING:
    from collections.abc import Iterable

TEXTS = st.sampled_from(["", " ", "Hi.", "Wait\u2028", "?!", "🎉"])
IDS = st.sampled_from(["a", "b", "c"])
ARGUMENTS = st.sampled_from(["{}", '{"a": 1}', "{", "3", "", "[" * 5_000])
ITEMS: st.SearchStrategy[ChatItem] = st.one_of(
    st.builds(ChatMessage, role=st.sampled_from(["user", "agent"]), text=TEXTS, interrupted=st.booleans()),
    st.builds(ToolCall, call_id=IDS, name=st.just("look"), arguments=ARGUMENTS),
    st.builds(ToolOutput, call_id=IDS, name=st.just("look"), output=st.sampled_from(["", "1", '"two"'])),
)


def once_each(items: Iterable[ChatItem]) -> list[ChatItem]:
    """The items, without calls whose id was used before: ids are unique, as the protocol of frames says."""
    seen: set[str] = set()
    kept: list[ChatItem] = []
    for item in items:
        if isinstance(item, ToolCall):
            if item.call_id in seen:
                continue
            seen.add(item.call_id)
        kept.append(item)
    return kept


@given(st.text(max_size=3), st.lists(ITEMS, max_size=12).map(once_each))
def test_every_conversation_makes_a_request_that_a_strict_server_takes(
    instructions: str, items: list[ChatItem]
) -> None:
    body = openai_body("tiny", ChatRequest(instructions=instructions, items=tuple(items)), {})
    said = instructions.strip() or any(
        isinstance(item, ToolCall) or (isinstance(item, ChatMessage) and item.text.strip()) for item in items
    )
    assert bool(body["messages"]) == bool(said)
    if said:
        content = json.dumps(body).encode()
        headers = {"content-type": "application/json", "accept": "text/event-stream"}
        check_request(headers | {"content-length": str(len(content))}, content)


def read(pieces: Iterable[bytes]) -> list[ModelOutput]:
    """The outputs of a stream that came in these pieces."""
    reader = ReplyReader()
    for piece in pieces:
        reader.feed(piece)
    reader.end()
    return list(reader.ready)


WORDS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8), min_size=1, max_size=6)


@given(WORDS, st.sampled_from([b"\n", b"\r\n", b"\r"]), st.data())
def test_a_stream_may_be_cut_at_any_byte(words: list[str], newline: bytes, data: st.DataObject) -> None:
    whole = b"".join(event(delta(content=word)) for word in words) + b": note\n\n" + b"".join(ending())
    whole = whole.replace(b"\n", newline)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    pieces = [whole[start:end] for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    expected = [*(TextDelta(text=word) for word in words), TokenUsage(input_tokens=7, output_tokens=3)]
    assert read(pieces) == expected


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_noise_is_a_typed_error_or_nothing(pieces: list[bytes]) -> None:
    with pytest.raises(ProviderError):
        read([b"data: ", *pieces])


@given(st.lists(st.sampled_from([b"data: x", b"\n", b"\r", b"\r\n", b":", b"event: y", b"data", b" "]), max_size=12))
def test_lines_are_the_same_however_they_are_cut(parts: list[bytes]) -> None:
    def data_of(pieces: Iterable[bytes]) -> list[str]:
        lines = EventLines()
        return [data for piece in pieces for data in lines.feed(piece)] + list(lines.end())

    whole = b"".join(parts)
    assert data_of(parts) == data_of([whole]) == data_of(whole[i : i + 1] for i in range(len(whole)))


def calls_of(*pieces: dict[str, object]) -> list[tuple[str, str, str]]:
    outputs = read([*(event(piece) for piece in pieces), *ending("tool_calls")])
    calls = [output for output in outputs if isinstance(output, ToolCall)]
    assert [*calls, TokenUsage(input_tokens=7, output_tokens=3)] == outputs
    return [(call.call_id, call.name, call.arguments) for call in calls]


A, B = ("a", "look", '{"x": 1}'), ("b", "look", '{"y": 2}')


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param(
            [call_piece(0, A[2], call_id="a", name="look"), call_piece(1, B[2], call_id="b", name="look")], id="whole"
        ),
        pytest.param(
            [call_piece(0, A[2], call_id="a", name="look"), call_piece(0, B[2], call_id="b", name="look")],
            id="every index is 0",
        ),
        pytest.param(
            [call_piece(None, A[2], call_id="a", name="look"), call_piece(None, B[2], call_id="b", name="look")],
            id="no index",
        ),
        pytest.param(
            [
                call_piece(None, "", call_id="a", name="look"),
                call_piece(None, A[2]),
                call_piece(None, "", call_id="b", name="look"),
                call_piece(None, B[2]),
            ],
            id="no index, in pieces",
        ),
        pytest.param(
            [
                call_piece(0, '{"x":', call_id="a", name="look"),
                call_piece(0, " 1}", call_id="a", name="look"),
                call_piece(1, '{"y":', call_id="b", name="look"),
                call_piece(1, " 2}", call_id="b", name="look"),
            ],
            id="id and name in every piece",
        ),
        pytest.param(
            [call_piece(0, {"x": 1}, call_id="a", name="look"), call_piece(1, {"y": 2}, call_id="b", name="look")],
            id="objects",
        ),
        pytest.param(
            [
                call_piece(1, "", call_id="b", name="look"),
                call_piece(0, "", call_id="a", name="look"),
                call_piece(0, A[2]),
                call_piece(1, B[2]),
            ],
            id="in any order",
        ),
    ],
)
def test_calls_are_told_apart(pieces: list[dict[str, object]]) -> None:
    assert sorted(calls_of(*pieces)) == [A, B]


@pytest.mark.parametrize("index", [None, 0])
def test_calls_without_ids_get_some(index: int | None) -> None:
    first, second = calls_of(call_piece(index, A[2], name="look"), call_piece(index, B[2], name="look"))
    assert (first[1:], second[1:]) == (A[1:], B[1:])
    assert first[0] != second[0]
    assert first[0]


def test_a_name_in_every_piece_is_no_new_call() -> None:
    pieces = [call_piece(0, part, name="look") for part in ("", '{"x"', ": 1}")]
    assert [call[1:] for call in calls_of(*pieces)] == [A[1:]]


def test_a_call_that_ends_in_brackets_without_end_is_a_call() -> None:
    pieces = [call_piece(0, "[" * 5_000, name="look"), call_piece(0, "[", name="look")]
    assert [call[1:] for call in calls_of(*pieces)] == [("look", "[" * 5_001)]


def test_a_call_without_arguments_has_an_empty_object() -> None:
    assert calls_of(call_piece(0, "", call_id="a", name="look"), call_piece(0, None)) == [("a", "look", "{}")]


def test_the_last_usage_counts() -> None:
    pieces = [{**delta(content=word), "usage": usage(7, count)["usage"]} for count, word in enumerate(["a", "b"], 1)]
    outputs = read([*(event(piece) for piece in pieces), event(delta("stop")), DONE])
    assert outputs[-1] == TokenUsage(input_tokens=7, output_tokens=2)
    assert sum(isinstance(output, TokenUsage) for output in outputs) == 1


def test_what_follows_the_end_is_not_read() -> None:
    assert read([event(delta(content="a")), DONE, event(delta(content="b")), b"data: no JSON\n\n"]) == [
        TextDelta(text="a")
    ]


@given(
    st.integers(100, 599),
    st.dictionaries(st.sampled_from(["retry-after", "retry-after-ms", "date", "location"]), st.text(max_size=20)),
    st.binary(max_size=60) | st.recursive(st.none() | st.text(), st.lists).map(lambda v: json.dumps(v).encode()),
)
def test_every_refusal_is_an_error_that_says_something(status: int, headers: dict[str, str], body: bytes) -> None:
    error = status_error("http://host/v1", status, headers, body)
    assert str(error).startswith(f"http://host/v1 answered {status}")
    assert error.retryable is (status >= 500 or status in {408, 409, 425, 429})
    assert len(str(error)) < 800
    assert (retry_after_s(headers) or 0) >= 0
