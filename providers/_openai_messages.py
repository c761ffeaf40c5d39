"""A chat request as the body of an OpenAI-compatible request. Pure.

Servers differ in what they forgive. What is sent here is what the strictest of them takes: no empty content, no two
messages of one role in a row, and after each message with tool calls exactly one answer for each call.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from trialogue.frames import ChatMessage, ChatRequest, ToolCall, ToolOutput, ToolSchema

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: A JSON value. Object, not a recursive type: bodies are written, never read.
Json = dict[str, object]

#: What a model reads where a call has no output: the call was cut off, or its output is forgotten.
_NO_OUTPUT: Final = '"no result: the call was interrupted"'


def request_body(model: str, request: ChatRequest, settings: Mapping[str, object]) -> Json:
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
    body |= settings
    return {name: value for name, value in body.items() if value is not None}


def messages(request: ChatRequest) -> list[Json]:
    """The conversation in the protocol's order: the system's message, then turns, tool calls and their outputs."""
    written: list[Json] = []
    if request.instructions.strip():
        written.append({"role": "system", "content": request.instructions})
    outputs = _first_outputs(request.items)
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


def _first_outputs(items: Iterable[object]) -> dict[str, ToolOutput]:
    outputs: dict[str, ToolOutput] = {}
    for item in items:
        if isinstance(item, ToolOutput):
            outputs.setdefault(item.call_id, item)
    return outputs


def _write_message(written: list[Json], message: ChatMessage) -> None:
    """Add what was said. Only what was *heard* counts: the model must not refer to what the user never got."""
    role = "user" if message.role == "user" else "assistant"
    if not message.text.strip():
        return
    last = written[-1] if written else {}
    if last.get("role") == role and "tool_calls" not in last:
        last["content"] = f"{last['content']}\n{message.text}"
    else:
        written.append({"role": role, "content": message.text})


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
        content = output.output if output is not None and output.output.strip() else _NO_OUTPUT
        written.append({"role": "tool", "tool_call_id": call_id, "content": content})


def _call(call: ToolCall) -> Json:
    return {
        "id": call.call_id,
        "type": "function",
        "function": {"name": call.name, "arguments": _object_text(call.arguments)},
    }


def _object_text(arguments: str) -> str:
    """The arguments, or an empty object where the model wrote none that parse: servers fail when they meet them again.

    What was wrong with them, the model reads in the output.
    """
    try:
        value: object = json.loads(arguments)
    except ValueError:
        return "{}"
    return arguments if isinstance(value, dict) else "{}"


def _tool(schema: ToolSchema) -> Json:
    function = {"name": schema.name, "description": schema.description, "parameters": json.loads(schema.parameters)}
    return {"type": "function", "function": function}
