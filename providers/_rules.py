"""The rule-driven model: a language model for narrow subjects that runs anywhere and always says the same."""

from __future__ import annotations

import contextlib
import functools
import re
from typing import TYPE_CHECKING, ClassVar, Final

import attrs
import trio

from trialogue.engine._checks import at_least
from trialogue.frames import ChatMessage, ChatRequest, ModelOutput, TextDelta, TokenUsage, ToolCall, ToolOutput
from trialogue.frames._attrs import frozen
from trialogue.providers._rule_dialogue import Hear, Plan, plan_reply
from trialogue.providers._rule_listening import listen

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from trialogue.providers._rule_script import RuleScript

#: How many of a conversation's messages need not be understood anew for each reply.
_MESSAGES: Final = 256

_TOKEN: Final = re.compile(r"\s*\S+")


@frozen(kw_only=True)
class RuleModel:
    """A language model that follows a script. It reads no instructions, and sees nothing: the script is all it knows.

    Its replies depend on the conversation alone, so a retried or forked conversation goes on in the same way.

    Args:
        script: what it knows.
        first_token_s: how long it "thinks" before the first token, seconds; for a realistic latency.
        token_interval_s: time between tokens, seconds.
    """

    sees: ClassVar[bool] = False

    script: RuleScript
    first_token_s: float = attrs.field(default=0.0, validator=at_least(0))
    token_interval_s: float = attrs.field(default=0.0, validator=at_least(0))

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[RuleConnection, None]:
        """A connection for one session."""
        hear = functools.lru_cache(maxsize=_MESSAGES)(functools.partial(listen, self.script))
        yield RuleConnection(self, hear)


@frozen
class RuleConnection:
    """One session's model. It remembers what it understood of each message, but nothing of what followed from it."""

    _model: RuleModel
    _hear: Hear

    @contextlib.asynccontextmanager
    async def reply(self, request: ChatRequest) -> AsyncGenerator[RuleReply, None]:
        """Start a reply and iterate over its tokens, its tool call if there is one, and what it cost."""
        yield RuleReply(self._model, _outputs(plan_reply(self._model.script, request, self._hear), request))


class RuleReply:
    """A reply, token by token."""

    def __init__(self, model: RuleModel, outputs: list[ModelOutput]) -> None:
        self._model = model
        self._outputs = iter(outputs)
        self._pause_s = model.first_token_s

    def __aiter__(self) -> RuleReply:
        return self

    async def __anext__(self) -> ModelOutput:
        output = next(self._outputs, None)
        if output is None:
            raise StopAsyncIteration
        if isinstance(output, TokenUsage):
            return output
        await trio.sleep(self._pause_s)
        self._pause_s = self._model.token_interval_s
        return output


def _outputs(plan: Plan, request: ChatRequest) -> list[ModelOutput]:
    tokens: list[ModelOutput] = [TextDelta(text=token) for token in _TOKEN.findall(plan.text)]
    if plan.call is not None:
        tokens.append(plan.call)
    read = sum(len(text.split()) for text in [request.instructions, *map(_text, request.items)])
    return [*tokens, TokenUsage(input_tokens=read, output_tokens=len(tokens))]


def _text(item: ChatMessage | ToolCall | ToolOutput) -> str:
    match item:
        case ChatMessage():
            return item.text
        case ToolCall():
            return item.arguments
        case ToolOutput():
            return item.output
