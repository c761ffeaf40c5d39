"""Chat: what is remembered, and what a language model reads and writes."""

from __future__ import annotations

from typing import Literal

import attrs

from trialogue.frames._text import TextDelta

Role = Literal["user", "agent"]


@attrs.frozen(kw_only=True)
class ChatMessage:
    """Something that was said.

    Args:
        role: who said it.
        text: what was said; of an agent's message, what was *heard*.
        unheard: what the agent had generated but nobody heard, because it was interrupted.
        interrupted: whether the agent was cut off.
    """

    role: Role
    text: str
    unheard: str = ""
    interrupted: bool = False


@attrs.frozen(kw_only=True)
class ToolCall:
    """The model asks for a tool.

    Args:
        call_id: joins the call and its output.
        name: the tool's name.
        arguments: a JSON object, as text.
    """

    call_id: str
    name: str
    arguments: str


@attrs.frozen(kw_only=True)
class ToolOutput:
    """What a tool gave back: exactly one for each call.

    Args:
        call_id: the call that it answers.
        name: the tool's name.
        output: a JSON value, as text; of an error, a sentence the model can act on.
        is_error: whether the tool failed.
        wants_reply: whether the model should say something to it.
    """

    call_id: str
    name: str
    output: str
    is_error: bool = False
    wants_reply: bool = True


ChatItem = ChatMessage | ToolCall | ToolOutput


@attrs.frozen(kw_only=True)
class ToolSchema:
    """What a model must know of a tool to call it.

    Args:
        name: unique among the tools of a request.
        description: when and why to call it.
        parameters: a JSON schema of the arguments object, as JSON text (so that the frame stays immutable).
    """

    name: str
    description: str
    parameters: str


@attrs.frozen(kw_only=True)
class ChatRequest:
    """All that a model needs for one reply.

    Args:
        instructions: who the agent is and what it should do.
        items: the conversation so far, oldest first.
        tools: the tools that may be called.
        tool_choice: whether it may call tools (`auto`), must (`required`), must not (`none`), or must call the one of
            this name.
    """

    instructions: str
    items: tuple[ChatItem, ...] = ()
    tools: tuple[ToolSchema, ...] = ()
    tool_choice: str = "auto"


@attrs.frozen(kw_only=True)
class TokenUsage:
    """What a reply cost, in tokens, as the model counts them."""

    input_tokens: int
    output_tokens: int


ModelOutput = TextDelta | ToolCall | TokenUsage
