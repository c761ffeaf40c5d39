"""A chat request as the body of an OpenAI-compatible request. Pure.

Servers differ in what they forgive. What is sent here is what the strictest of them takes: no empty content, no two
messages of one role in a row, and after each message with tool calls exactly one answer for each call.
"""

from __future__ import annotations

import base64
import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, cast

from trialogue.frames import AnswerForm, ChatMessage, ChatRequest, Image, ToolCall, ToolOutput, ToolSchema

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: A JSON value. Object, not a recursive type: bodies are written, never read.
Json = dict[str, object]

#: What a model reads where a call has no output: the call was cut off, or its output is forgotten.
NO_OUTPUT: Final = '"no result: the call was interrupted"'


def openai_body(model: str, request: ChatRequest, settings: Mapping[str, object] = MappingProxyType({})) -> Json:
    """The body of a streaming chat completion.

    Args:
        model: the model's name at the server.
        request: instructions, conversation and tools.
        settings: further fields, which win over ours; a field that is None is left out.
    """
    body: Json = {
        "model": model,
        "messages": messages(request),
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if request.tools:
        body["tools"] = [_tool(schema) for schema in request.tools]
        if request.tool_choice != "auto":
            body["tool_choice"] = _tool_choice(request.tool_choice)
    if request.form is not None:
        body["response_format"] = _json_schema(request.form)
    body |= settings
    return {name: value for name, value in body.items() if value is not None}


def messages(request: ChatRequest) -> list[Json]:
    """The conversation in the protocol's order: the system's message, then turns, tool calls and their outputs."""
    written: list[Json] = []
    if request.instructions.strip():
        written.append({"role": "system", "content": request.instructions})
    outputs = first_outputs(request.items)
    waiting: list[ToolCall] = []
    for item in (*request.items, None):
        match item:
            case ToolCall():
                waiting.append(item)
                continue
            case ToolOutput() if not waiting:
                continue  # its call was answered already, or is forgotten
        if waiting:
            _write_calls(written, waiting, outputs)
            waiting = []
        if isinstance(item, ChatMessage):
            _write_message(written, item)
    return written


def first_outputs(items: Iterable[object]) -> dict[str, ToolOutput]:
    outputs: dict[str, ToolOutput] = {}
    for item in items:
        if isinstance(item, ToolOutput):
            outputs.setdefault(item.call_id, item)
    return outputs


def _write_message(written: list[Json], message: ChatMessage) -> None:
    """Add what was said. Only what was *heard* counts: the model must not refer to what the user never got."""
    role = "user" if message.role == "user" else "assistant"
    content = _content(message)
    if not content:
        return
    last = written[-1] if written else {}
    if last.get("role") == role and "tool_calls" not in last:
        last["content"] = _joined(last["content"], content)
    else:
        written.append({"role": role, "content": content})


def _content(message: ChatMessage) -> str | list[Json]:
    """The text alone where there is nothing else; else its parts, the pictures last. Empty if there is nothing."""
    text = message.text if message.text.strip() else ""
    if not message.images:
        return text
    pictures: list[Json] = [
        {"type": "image_url", "image_url": {"url": image.url or data_url(image), "detail": image.detail}}
        for image in message.images
    ]
    return [*_parts(text), *pictures]


def _parts(content: object) -> list[Json]:
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    return cast("list[Json]", content)


def _joined(before: object, after: str | list[Json]) -> object:
    if isinstance(before, str) and isinstance(after, str):
        return f"{before}\n{after}"
    return [*_parts(before), *_parts(after)]


def data_url(image: Image) -> str:
    """A picture as an address that holds it."""
    return f"data:{image.media_type};base64,{base64.b64encode(image.data).decode()}"


def _json_schema(form: AnswerForm) -> Json:
    """Not strict: a schema of the user's own need not keep to what that allows."""
    return {"type": "json_schema", "json_schema": {"name": form.name, "schema": json.loads(form.schema)}}


def _tool_choice(choice: str) -> object:
    return choice if choice in ("none", "required") else {"type": "function", "function": {"name": choice}}


def _write_calls(written: list[Json], calls: list[ToolCall], outputs: Mapping[str, ToolOutput]) -> None:
    """Add calls that were made together, to the agent's words before them if there are any, and their outputs."""
    distinct = {call.call_id: call for call in calls}
    asked: Json = {"tool_calls": [_call(call) for call in distinct.values()]}
    last = written[-1] if written else {}
    if last.get("role") == "assistant" and "tool_calls" not in last:
        last |= asked
    else:
        # Null, not left out: some servers read the field without asking whether it is there.
        written.append({"role": "assistant", "content": None, **asked})
    for call_id in distinct:
        output = outputs.get(call_id)
        content = output.output if output is not None and output.output.strip() else NO_OUTPUT
        written.append({"role": "tool", "tool_call_id": call_id, "content": content})


def _call(call: ToolCall) -> Json:
    return {
        "id": call.call_id,
        "type": "function",
        "function": {"name": call.name, "arguments": object_text(call.arguments)},
    }


def object_text(arguments: str) -> str:
    """The arguments, or an empty object where the model wrote none that parse: servers fail when they meet them again.

    What was wrong with them, the model reads in the output.
    """
    try:
        value: object = json.loads(arguments)
    except (ValueError, RecursionError):  # some models end in brackets without end
        return "{}"
    return arguments if isinstance(value, dict) else "{}"


def _tool(schema: ToolSchema) -> Json:
    function = {"name": schema.name, "description": schema.description, "parameters": json.loads(schema.parameters)}
    return {"type": "function", "function": function}
