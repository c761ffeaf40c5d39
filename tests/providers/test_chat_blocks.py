"""Chat requests in the forms of several vendors, for every conversation that hypothesis finds."""

from __future__ import annotations

import json
from typing import cast

import hypothesis
import hypothesis.strategies as st
import pytest

from trialogue.frames import AnswerForm, ChatItem, ChatMessage, ChatRequest, Image, ToolCall, ToolOutput, ToolSchema
from trialogue.providers import anthropic_body, gemini_body, openai_body

Turn = dict[str, object]

LOOK = ToolSchema(name="look", description="Look.", parameters='{"type": "object", "properties": {}}')
PICTURE = Image(data=b"\x01\x02", media_type="image/png")

ids = st.sampled_from(["1", "2", "3"])
arguments = st.sampled_from(["{}", '{"a": 1}', "[", "3", "[" * 5_000])
items = st.lists(
    st.one_of(
        st.builds(
            ChatMessage,
            role=st.sampled_from(["user", "agent"]),
            text=st.sampled_from(["", " ", "hello", "there"]),
            unheard=st.just("SECRET"),
            images=st.sampled_from([(), (PICTURE,)]),
        ),
        st.builds(ToolCall, call_id=ids, name=st.just("look"), arguments=arguments),
        st.builds(
            ToolOutput,
            call_id=ids,
            name=st.just("look"),
            output=st.sampled_from(['"seen"', "", "plain", "[" * 5_000]),
            is_error=st.booleans(),
        ),
    ),
    max_size=12,
).map(tuple)


def parts_of(turn: Turn, holder: str) -> list[Turn]:
    """The parts of a turn."""
    return cast("list[Turn]", turn[holder])


@hypothesis.given(items)
def test_anthropics_turns_alternate_and_each_call_is_answered_in_the_next(conversation: tuple[ChatItem, ...]) -> None:
    body = anthropic_body("m", ChatRequest(instructions="", items=conversation))
    turns = cast("list[Turn]", body["messages"])
    assert [turn["role"] for turn in turns] == [("user", "assistant")[number % 2] for number in range(len(turns))]
    for turn, following in zip(turns, [*turns[1:], None], strict=False):
        parts = parts_of(turn, "content")
        assert parts
        assert all(part.get("text", "x") for part in parts)
        used = [part["id"] for part in parts if part["type"] == "tool_use"]
        if used:
            assert following is not None
            answered = [part["tool_use_id"] for part in parts_of(following, "content") if part["type"] == "tool_result"]
            assert answered == used
            assert parts_of(following, "content")[0]["type"] == "tool_result"
    assert "SECRET" not in json.dumps(body)


@hypothesis.given(items)
def test_geminis_contents_alternate_and_each_call_is_answered_in_the_next(conversation: tuple[ChatItem, ...]) -> None:
    body = gemini_body(ChatRequest(instructions="", items=conversation))
    turns = cast("list[Turn]", body["contents"])
    assert [turn["role"] for turn in turns] == [("user", "model")[number % 2] for number in range(len(turns))]
    for turn, following in zip(turns, [*turns[1:], None], strict=False):
        parts = parts_of(turn, "parts")
        used = [cast("Turn", part["functionCall"])["id"] for part in parts if "functionCall" in part]
        if used:
            assert following is not None
            found = [part["functionResponse"] for part in parts_of(following, "parts") if "functionResponse" in part]
            assert [cast("Turn", each)["id"] for each in found] == used
    assert "SECRET" not in json.dumps(body)


@hypothesis.given(items)
def test_openais_messages_have_no_two_of_one_role_and_one_answer_for_each_call(
    conversation: tuple[ChatItem, ...],
) -> None:
    body = openai_body("m", ChatRequest(instructions="", items=conversation))
    waiting: list[object] = []
    before = ""
    for message in cast("list[Turn]", body["messages"]):
        if message["role"] == "tool":
            assert message["tool_call_id"] == waiting.pop(0)
        else:
            assert not waiting
            assert message["role"] != before or before == "assistant"
            waiting = [call["id"] for call in cast("list[Turn]", message.get("tool_calls", []))]
        assert message["content"] or waiting
        before = str(message["role"])
    assert not waiting
    assert "SECRET" not in json.dumps(body)


SEEN = ChatRequest(
    instructions="Be kind.",
    items=(
        ChatMessage(role="agent", text="Hello."),
        ChatMessage(role="user", text="what is this", images=(PICTURE, Image(url="https://example.org/a.png"))),
        ToolCall(call_id="1", name="look", arguments='{"a": 1}'),
        ToolOutput(call_id="1", name="look", output='{"it": "a cat"}', is_error=True),
    ),
    tools=(LOOK,),
)


def test_pictures_tools_and_errors_for_anthropic() -> None:
    assert anthropic_body("m", SEEN) == {
        "model": "m",
        "max_tokens": 1024,
        "stream": True,
        "system": "Be kind.",
        "tools": [{"name": "look", "description": "Look.", "input_schema": {"type": "object", "properties": {}}}],
        "tool_choice": {"type": "auto"},
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "(The conversation begins.)"}]},
            {"role": "assistant", "content": [{"type": "text", "text": "Hello."}]},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "what is this"},
                    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AQI="}},
                    {"type": "image", "source": {"type": "url", "url": "https://example.org/a.png"}},
                ],
            },
            {"role": "assistant", "content": [{"type": "tool_use", "id": "1", "name": "look", "input": {"a": 1}}]},
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "1", "content": '{"it": "a cat"}', "is_error": True}
                ],
            },
        ],
    }


def test_pictures_tools_and_errors_for_gemini() -> None:
    body = gemini_body(SEEN)
    assert body["systemInstruction"] == {"parts": [{"text": "Be kind."}]}
    assert body["toolConfig"] == {"functionCallingConfig": {"mode": "AUTO"}}
    contents = cast("list[Turn]", body["contents"])
    assert contents[2] == {
        "role": "user",
        "parts": [
            {"text": "what is this"},
            {"inlineData": {"mimeType": "image/png", "data": "AQI="}},
            {"fileData": {"mimeType": "image/jpeg", "fileUri": "https://example.org/a.png"}},
        ],
    }
    assert contents[3]["parts"] == [{"functionCall": {"id": "1", "name": "look", "args": {"a": 1}}}]
    assert contents[4]["parts"] == [
        {"functionResponse": {"id": "1", "name": "look", "response": {"error": {"it": "a cat"}}}}
    ]


def test_pictures_for_openai() -> None:
    (user,) = [m for m in cast("list[Turn]", openai_body("m", SEEN)["messages"]) if m["role"] == "user"]
    assert user["content"] == [
        {"type": "text", "text": "what is this"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AQI=", "detail": "auto"}},
        {"type": "image_url", "image_url": {"url": "https://example.org/a.png", "detail": "auto"}},
    ]


@pytest.mark.parametrize(
    ("choice", "openai", "anthropic", "gemini"),
    [
        ("auto", None, {"type": "auto"}, {"mode": "AUTO"}),
        ("none", "none", {"type": "none"}, {"mode": "NONE"}),
        ("required", "required", {"type": "any"}, {"mode": "ANY"}),
        (
            "look",
            {"type": "function", "function": {"name": "look"}},
            {"type": "tool", "name": "look"},
            {"mode": "ANY", "allowedFunctionNames": ["look"]},
        ),
    ],
)
def test_a_choice_of_tools_is_told_in_each_vendors_words(
    choice: str, openai: object, anthropic: object, gemini: object
) -> None:
    request = ChatRequest(instructions="", tools=(LOOK,), tool_choice=choice)
    assert openai_body("m", request).get("tool_choice") == openai
    assert anthropic_body("m", request)["tool_choice"] == anthropic
    assert gemini_body(request)["toolConfig"] == {"functionCallingConfig": gemini}


def test_a_form_of_the_answer_is_a_json_schema_that_can_be_left_out() -> None:
    form = AnswerForm(name="Order", schema='{"type": "object"}', spoken="say")
    request = ChatRequest(instructions="Take orders.", form=form)
    assert openai_body("m", request)["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "Order", "schema": {"type": "object"}},
    }
    assert "response_format" not in openai_body("m", request, {"response_format": None})
    assert "response_format" not in openai_body("m", ChatRequest(instructions=""))
