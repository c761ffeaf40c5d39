"""A chat request as the bodies of other vendors' requests: Anthropic's messages and Gemini's contents. Pure.

Both want turns of two roles that alternate strictly, beginning with the user's; calls of tools and their outputs are
parts of turns. What a model may not see (unheard text) is not sent.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from trialogue.frames import ChatItem, ChatMessage, ChatRequest, Image, ToolCall, ToolOutput
from trialogue.providers._openai_messages import NO_OUTPUT, Json, first_outputs, object_text

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Said in the user's place where a conversation begins with the agent: these vendors want the user to begin.
_BEGINNING: Final = "(The conversation begins.)"


def anthropic_body(model: str, request: ChatRequest, max_tokens: int = 1024) -> Json:
    """The body of a streaming request to Anthropic's messages.

    Args:
        model: the model's name.
        request: instructions, conversation and tools.
        max_tokens: so long the answer may be; the vendor wants a bound.
    """
    body: Json = {
        "model": model,
        "max_tokens": max_tokens,
        "messages": _turns(request.items, _AnthropicParts(), "assistant", "content"),
        "stream": True,
    }
    if request.instructions.strip():
        body["system"] = request.instructions
    if request.tools:
        body["tools"] = [
            {"name": tool.name, "description": tool.description, "input_schema": json.loads(tool.parameters)}
            for tool in request.tools
        ]
        named = {"type": "tool", "name": request.tool_choice}
        body["tool_choice"] = {"auto": {"type": "auto"}, "none": {"type": "none"}, "required": {"type": "any"}}.get(
            request.tool_choice, named
        )
    return body


def gemini_body(request: ChatRequest) -> Json:
    """The body of a request to Gemini's `streamGenerateContent`; the model is named in the address.

    Args:
        request: instructions, conversation and tools.
    """
    body: Json = {"contents": _turns(request.items, _GeminiParts(), "model", "parts")}
    if request.instructions.strip():
        body["systemInstruction"] = {"parts": [{"text": request.instructions}]}
    if request.tools:
        body["tools"] = [
            {
                "functionDeclarations": [
                    {
                        "name": tool.name,
                        "description": tool.description,
                        "parametersJsonSchema": json.loads(tool.parameters),
                    }
                    for tool in request.tools
                ]
            }
        ]
        mode: Json = {"mode": {"auto": "AUTO", "none": "NONE"}.get(request.tool_choice, "ANY")}
        if request.tool_choice not in ("auto", "none", "required"):
            mode["allowedFunctionNames"] = [request.tool_choice]
        body["toolConfig"] = {"functionCallingConfig": mode}
    return body


class _AnthropicParts:
    def text(self, text: str) -> Json:
        return {"type": "text", "text": text}

    def image(self, image: Image) -> Json:
        if image.url:
            return {"type": "image", "source": {"type": "url", "url": image.url}}
        data = base64.b64encode(image.data).decode()
        return {"type": "image", "source": {"type": "base64", "media_type": image.media_type, "data": data}}

    def call(self, call: ToolCall) -> Json:
        return {
            "type": "tool_use",
            "id": call.call_id,
            "name": call.name,
            "input": json.loads(object_text(call.arguments)),
        }

    def output(self, call: ToolCall, output: ToolOutput | None) -> Json:
        part: Json = {"type": "tool_result", "tool_use_id": call.call_id, "content": _text_of(output)}
        if output is not None and output.is_error:
            part["is_error"] = True
        return part


class _GeminiParts:
    def text(self, text: str) -> Json:
        return {"text": text}

    def image(self, image: Image) -> Json:
        if image.url:
            return {"fileData": {"mimeType": image.media_type, "fileUri": image.url}}
        return {"inlineData": {"mimeType": image.media_type, "data": base64.b64encode(image.data).decode()}}

    def call(self, call: ToolCall) -> Json:
        return {
            "functionCall": {"id": call.call_id, "name": call.name, "args": json.loads(object_text(call.arguments))}
        }

    def output(self, call: ToolCall, output: ToolOutput | None) -> Json:
        name = "error" if output is not None and output.is_error else "output"
        response = {name: _value_of(_text_of(output))}
        return {"functionResponse": {"id": call.call_id, "name": call.name, "response": response}}


_Parts = _AnthropicParts | _GeminiParts


def _turns(items: Iterable[ChatItem], parts: _Parts, agent: str, holder: str) -> list[Json]:
    """Turns of two roles that alternate, the calls of the agent answered directly after they were made."""
    items = tuple(items)
    outputs = first_outputs(items)
    turns: list[Json] = []
    answers: dict[str, Json] = {}  # by call; one that was written down twice is one call

    def write(role: str, part: Json) -> None:
        if turns and turns[-1]["role"] == role:
            _list(turns[-1][holder]).append(part)
        else:
            turns.append({"role": role, holder: [part]})

    def answer() -> None:
        for part in answers.values():
            write("user", part)
        answers.clear()

    for item in items:
        match item:
            case ToolCall() if item.call_id not in answers:
                if not turns:
                    write("user", parts.text(_BEGINNING))
                write(agent, parts.call(item))
                answers[item.call_id] = parts.output(item, outputs.get(item.call_id))
            case ChatMessage():
                answer()
                _write_message(item, parts, write, agent, not turns)
            case _:
                pass  # an output is written where it was asked for
    answer()
    return turns


def _write_message(
    message: ChatMessage, parts: _Parts, write: Callable[[str, Json], None], agent: str, is_first: bool
) -> None:
    role = "user" if message.role == "user" else agent
    said = [parts.text(message.text)] if message.text.strip() else []
    said += [parts.image(image) for image in message.images]
    if said and is_first and role == agent:
        write("user", parts.text(_BEGINNING))
    for part in said:
        write(role, part)


def _list(value: object) -> list[Json]:
    assert isinstance(value, list)
    return value


def _text_of(output: ToolOutput | None) -> str:
    return output.output if output is not None and output.output.strip() else NO_OUTPUT


def _value_of(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
