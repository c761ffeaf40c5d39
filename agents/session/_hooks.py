"""What an agent's hooks are given, and may give back; and how they are called."""

from __future__ import annotations

import functools
import logging
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast

import attrs
import trio

from trialogue.agents.events._event_stream import go_on_without
from trialogue.agents.tools._tool_choice import ToolChoice
from trialogue.frames._attrs import define, frozen

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from trialogue.agents.events._events import Event
    from trialogue.agents.session._session import Session
    from trialogue.agents.session._time import SessionTime

_log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")


def on_asyncio(hook: Callable[P, Coroutine[object, object, T]]) -> Callable[P, Coroutine[object, object, T]]:
    """Declare that a hook of an agent was written for asyncio: `@on_asyncio` before `async def on_user_turn(...)`.

    It runs on the session's asyncio loop, as tools with `ToolSettings(runs_on="asyncio")` do, and is cancelled and
    bounded like any other hook. That loop has a thread of its own unless `Session(asyncio=...)` says otherwise; so the
    hook calls the session through `session.asyncio.trio`: `await session.asyncio.trio.run_sync(session.say, "Hello!")`.

    Args:
        hook: a method of an agent that is given the session first.
    """

    @functools.wraps(hook)
    async def run(*args: P.args, **kwargs: P.kwargs) -> T:
        session = cast("Session", args[1])
        return await session.asyncio.run(functools.partial(hook, *args, **kwargs))

    return run


@frozen
class DropTurn:
    """What `on_user_turn` returns where the turn is not to be answered.

    Args:
        reason: why, for the outcome of the answer that there is none of.
        remember: whether it is remembered all the same, as the hook has edited it.
    """

    reason: str = "dropped by on_user_turn"
    remember: bool = attrs.field(default=False, kw_only=True)


@define(kw_only=True)
class HeardTurn:
    """A turn of the user before the model sees it, to be edited in `on_user_turn`.

    Args:
        text: what was said; what is put here instead is remembered and told to the model.
        speech_ended_s: when the user's voice ended, session time, seconds.
        context: told to the model in addition, for this answer alone; not remembered.
        typed: whether it was typed, and not said.
        tools: which tools the model may call for this answer, or must.
    """

    text: str
    speech_ended_s: float = 0.0
    typed: bool = False
    context: list[str] = attrs.Factory(list)
    tools: ToolChoice = attrs.Factory(ToolChoice)

    def add_context(self, text: str) -> None:
        """Tell the model something in addition, for this answer alone; an empty text is nothing."""
        if text:
            self.context.append(text)


class HookCalls:
    """Calls hooks so that none can end a call, or hold it up for long.

    Args:
        emit: tells the listeners what was gone on without.
        time: session time.
    """

    def __init__(self, emit: Callable[[Event], None], time: SessionTime) -> None:
        self._emit = emit
        self._time = time
        self._faults: Counter[str] = Counter()

    async def call(
        self, name: str, hook: Callable[[], Awaitable[object]], within_s: float, otherwise: object = None
    ) -> object:
        """Call a hook.

        Args:
            name: its name, for the listeners.
            hook: the hook with its arguments.
            within_s: so long it may take, seconds; then it is cancelled.
            otherwise: what to return where it failed or took too long; that is told.

        Returns:
            What it returned.
        """
        try:
            with trio.move_on_after(within_s):
                return await hook()
        except Exception as error:  # noqa: BLE001  # a supervisor: one mistake of a hook must not end the call
            self.go_on_without(name, error)
        else:
            self.go_on_without(name, TimeoutError(f"{name} has not ended within {within_s:g} s"))
        return otherwise

    def go_on_without(self, name: str, error: Exception) -> None:
        """Tell that one has failed."""
        self._faults[name] += 1
        fault = go_on_without(name, error, self._time.now_s, self._faults[name])
        _log.warning("%s failed (%s)", name, fault.fault_id, exc_info=error)
        self._emit(fault)
