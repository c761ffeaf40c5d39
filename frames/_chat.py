"""Chat: what is remembered, and what a language model reads and writes."""

from __future__ import annotations

from typing import Literal

import attrs

from trialogue.frames._attrs import frozen
from trialogue.frames._text import TextDelta

Role = Literal["user", "agent"]


@frozen(kw_only=True)
class Image:
    """A picture that the model sees.

    Args:
        data: the encoded picture; empty where `url` says where it is.
        media_type: of `data`, such as "image/jpeg".
        url: where the model finds it.
        detail: how closely the model should look, where it can choose.
    """

    data: bytes = attrs.field(default=b"", repr=False)
    media_type: str = "image/jpeg"
    url: str = ""
    detail: Literal["auto", "low", "high"] = "auto"


@frozen(kw_only=True)
class AudioReference:
    """Where the sound of a message is kept.

    Args:
        url: the recording: a path or an address.
        start_s, end_s: where in it, seconds.
    """

    url: str
    start_s: float
    end_s: float


@frozen(kw_only=True)
class ChatMessage:
    """Something that was said.

    Args:
        role: who said it.
        text: what was said; of an agent's message, what was *heard*.
        unheard: what the agent had generated but nobody heard, because it was interrupted.
        interrupted: whether the agent was cut off.
        images: what was shown with it.
        audio: where its sound is kept; not sent to a model.
    """

    role: Role
    text: str
    unheard: str = ""
    interrupted: bool = False
    images: tuple[Image, ...] = ()
    audio: AudioReference | None = None


@frozen(kw_only=True)
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


@frozen(kw_only=True)
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


@frozen(kw_only=True)
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


@frozen(kw_only=True)
class AnswerForm:
    """That a model is to answer with a JSON object, one text of which is spoken.

    Args:
        name: of what the object is.
        schema: a JSON schema of it, as JSON text.
        spoken: the field at its top level whose text is spoken.
    """

    name: str
    schema: str
    spoken: str


@frozen(kw_only=True)
class ChatRequest:
    """All that a model needs for one reply.

    Args:
        instructions: who the agent is and what it should do.
        items: the conversation so far, oldest first.
        tools: the tools that may be called.
        tool_choice: whether it may call tools (`auto`), must (`required`), must not (`none`), or must call the one of
            this name.
        form: that the answer is to be a JSON object. The instructions say so, too; a provider that can hold a model to
            a schema may do so.
    """

    instructions: str
    items: tuple[ChatItem, ...] = ()
    tools: tuple[ToolSchema, ...] = ()
    tool_choice: str = "auto"
    form: AnswerForm | None = None


@frozen(kw_only=True)
class TokenUsage:
    """What a reply cost, in tokens, as the model counts them."""

    input_tokens: int
    output_tokens: int


ModelOutput = TextDelta | ToolCall | TokenUsage
