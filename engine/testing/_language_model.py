"""The contract of language models."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import trio

from trialogue.engine import TrialogueError
from trialogue.engine.testing._contract import WITHIN_S, check_rules, need
from trialogue.engine.testing._lifetimes import LIFETIME_RULES, OPENING_RULES, Sessions
from trialogue.engine.testing._sounds import ODD_TEXTS
from trialogue.frames import (
    ChatItem,
    ChatMessage,
    ChatRequest,
    ModelOutput,
    TextDelta,
    TokenUsage,
    ToolCall,
    ToolOutput,
    ToolSchema,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialogue.engine import LanguageModel, ModelConnection

_TOOL: Final = ToolSchema(
    name="lookup",
    description="Looks up what is asked for.",
    parameters='{"type": "object", "properties": {"what": {"type": "string"}}, "required": ["what"]}',
)
_CALL: Final = ToolCall(call_id="call_1", name="lookup", arguments='{"what": "opening hours"}')
_OUTPUT: Final = ToolOutput(call_id="call_1", name="lookup", output='"from five to eleven"')


def _user(text: str) -> ChatMessage:
    return ChatMessage(role="user", text=text)


def _agent(text: str, *, unheard: str = "") -> ChatMessage:
    return ChatMessage(role="agent", text=text, unheard=unheard, interrupted=bool(unheard))


_HELLO: Final = ChatRequest(instructions="You answer the phone of a shop. Be brief.", items=(_user("Hello."),))

#: Conversations as interruptions leave them behind.
_ODD_CONVERSATIONS: Final[tuple[tuple[ChatItem, ...], ...]] = (
    (),
    (_agent("Welcome."),),
    (_user("Hello."), _agent("", unheard="Welcome to")),
    (_user("Hello."), _agent("Wel", unheard="come to"), _user("Yes?")),
    (_user("When?"), _user("Tonight."), _user("Hello?")),
    (_user("When?"), _CALL, _OUTPUT),
    (_user("When?"), _agent("One moment."), _CALL, _OUTPUT, _agent("From five."), _user("Thanks.")),
    (_user("When?"), _CALL),
    (_user("When?"), _CALL, _user("Hello?"), _OUTPUT),
    (_OUTPUT, _user("Hello.")),
    (_user("When?"), ToolCall(call_id="call_2", name="lookup", arguments="{broken"), _user("Hello?")),
)


async def check_language_model(
    make: Callable[[], LanguageModel],
    *,
    request: ChatRequest = _HELLO,
    repeatable: bool = False,
    within_s: float = WITHIN_S,
) -> None:
    """Check that a provider of language models does what `LanguageModel` and `ModelConnection` say.

    Args:
        make: makes the provider.
        request: something that the model answers with words.
        repeatable: whether the same request always gives the same reply.
        within_s: how long each rule may take, seconds.

    Raises:
        ContractBroken: it breaks a rule; the message says which.
    """

    async def use(connection: ModelConnection) -> str:
        return _text(await _replied(connection, request))

    async def replies_with_words(sessions: Sessions[ModelConnection]) -> None:
        """A reply is text that is not empty, tool calls, and at last at most once what it cost."""
        async with sessions.make().open() as connection:
            outputs = await _replied(connection, request)
        _check_outputs(outputs)
        need(bool(_text(outputs).strip()), f"the reply to {request.items} has no words: {outputs}")

    async def the_end_stays_the_end(sessions: Sessions[ModelConnection]) -> None:
        """After the end of a reply there is nothing more."""
        async with sessions.make().open() as connection, connection.reply(request) as outputs:
            async for _ in outputs:
                pass
            need(await anext(outputs, None) is None, "something came after the end")

    async def leaving_disturbs_nothing(sessions: Sessions[ModelConnection]) -> None:
        """Leaving a reply early, by its door or cancelled, leaves nothing over for the next one."""
        async with sessions.make().open() as connection:
            alone = await use(connection)
            for how in ("left", "cancelled", "never listened to"):
                with trio.CancelScope() as scope:
                    async with connection.reply(request) as outputs:
                        if how != "never listened to":
                            await anext(outputs)
                        if how == "cancelled":
                            scope.cancel()
                            await trio.lowlevel.checkpoint()
                after = await use(connection)
                same = after == alone if sessions.repeatable else bool(after.strip())
                need(same, f"after a reply that was {how}, the next one is {after!r}; alone it is {alone!r}")

    rules = (
        *OPENING_RULES,
        replies_with_words,
        the_end_stays_the_end,
        leaving_disturbs_nothing,
        *_RULES,
        *LIFETIME_RULES,
    )
    sessions = Sessions(make=make, use=use, repeatable=repeatable)
    await check_rules(rules, sessions, provider=type(make()).__name__, within_s=within_s)


async def _replied(connection: ModelConnection, request: ChatRequest) -> list[ModelOutput]:
    async with connection.reply(request) as outputs:
        return [output async for output in outputs]


def _text(outputs: list[ModelOutput]) -> str:
    return "".join(output.text for output in outputs if isinstance(output, TextDelta))


def _check_outputs(outputs: list[ModelOutput]) -> None:
    """What holds for every reply."""
    ids: list[str] = []
    for number, output in enumerate(outputs):
        need(isinstance(output, ModelOutput), f"a {type(output).__name__} is no output of a model")
        match output:
            case TextDelta():
                need(bool(output.text), "a text delta is empty")
            case ToolCall():
                need(bool(output.call_id and output.name), f"{output} has no id or no name")
                ids.append(output.call_id)
                _check_arguments(output)
            case TokenUsage():
                need(number == len(outputs) - 1, f"{output} is not the last of {outputs}")
                need(output.input_tokens >= 0 and output.output_tokens >= 0, f"{output} is negative")
    need(len(ids) == len(set(ids)), f"calls share an id: {ids}")


def _check_arguments(call: ToolCall) -> None:
    try:
        arguments: object = json.loads(call.arguments)
    except ValueError:
        arguments = None
    need(isinstance(arguments, dict), f"the arguments of {call} are no JSON object")


async def _answered_or_refused(connection: ModelConnection, request: ChatRequest) -> None:
    try:
        outputs = await _replied(connection, request)
    except TrialogueError:
        return
    except Exception as error:
        need(False, f"{str(request)[:200]} raised {type(error).__name__}: {error}")
        raise
    _check_outputs(outputs)


async def _odd_text_is_answered_or_refused(sessions: Sessions[ModelConnection]) -> None:
    """Odd text is answered, or refused with a TrialogueError; what follows is answered as ever."""
    async with sessions.make().open() as connection:
        for text in ODD_TEXTS:
            await _answered_or_refused(connection, ChatRequest(instructions="Be brief.", items=(_user(text),)))
            await _answered_or_refused(connection, ChatRequest(instructions=text, items=(_user("Hello."),)))
        await sessions.use(connection)


async def _odd_conversations_are_answered_or_refused(sessions: Sessions[ModelConnection]) -> None:
    """A conversation as interruptions leave it behind is answered, or refused with a TrialogueError."""
    async with sessions.make().open() as connection:
        for items in _ODD_CONVERSATIONS:
            for tools in ((), (_TOOL,)):
                request = ChatRequest(instructions="Be brief.", items=items, tools=tools)
                await _answered_or_refused(connection, request)
        await sessions.use(connection)


_RULES: Final = (_odd_text_is_answered_or_refused, _odd_conversations_are_answered_or_refused)
