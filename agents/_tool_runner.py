"""Running tools: each call gets exactly one output, whatever becomes of the reply that made it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs
import trio

from trialogue.agents._events import Event, ToolFinished, ToolStarted
from trialogue.agents._tools import ToolArgumentsError
from trialogue.frames import TokenUsage, ToolCall, ToolOutput

if TYPE_CHECKING:
    from trialogue.agents._agent import Agent
    from trialogue.agents._history import History
    from trialogue.agents._reply import Reply

_log = logging.getLogger(__name__)


@attrs.define(eq=False)
class _Run:
    """A tool at work."""

    finished: trio.Event = attrs.Factory(trio.Event)
    output: ToolOutput = attrs.field(init=False)


class ToolRunner:
    """Runs the agent's tools in tasks of the session: an interruption of the reply does not stop them.

    Args:
        agent: whose tools.
        nursery: the session's.
        history: where calls and outputs are written down.
        emit: tells the listeners.
        now_s: session time, seconds.
        patience_s: how long a tool may take, seconds; then it is cancelled, and that is its output.
    """

    def __init__(
        self,
        agent: Agent,
        nursery: trio.Nursery,
        history: History,
        emit: Callable[[Event], None],
        now_s: Callable[[], float],
        *,
        patience_s: float,
    ) -> None:
        self._agent = agent
        self._nursery = nursery
        self._history = history
        self._emit = emit
        self.now_s = now_s
        self._patience_s = patience_s
        self._running: set[_Run] = set()

    @property
    def running(self) -> bool:
        """Whether a tool is at work."""
        return bool(self._running)

    def with_own_ids(self, calls: tuple[ToolCall, ...]) -> tuple[ToolCall, ...]:
        """The calls, each with an id that no other call of the conversation has."""
        return self._history.with_own_ids(calls)

    async def run(self, calls: tuple[ToolCall, ...]) -> tuple[ToolOutput, ...]:
        """Run calls side by side and wait for their outputs. Cancelled, it leaves them running."""
        runs = [self._start(call) for call in calls]
        for run in runs:
            await run.finished.wait()
        return tuple(run.output for run in runs)

    def _start(self, call: ToolCall) -> _Run:
        self._history.add(call)
        self._emit(ToolStarted(at_s=self.now_s(), call_id=call.call_id, name=call.name, arguments=call.arguments))
        run = _Run()
        self._running.add(run)
        self._nursery.start_soon(self._run_one, call, run, name=f"tool {call.name}")
        return run

    async def _run_one(self, call: ToolCall, run: _Run) -> None:
        output = run.output = await self._output_of(call)
        self._history.add(output)
        self._emit(
            ToolFinished(
                at_s=self.now_s(),
                call_id=call.call_id,
                name=call.name,
                output=output.output,
                is_error=output.is_error,
            )
        )
        self._running.remove(run)
        run.finished.set()

    async def _output_of(self, call: ToolCall) -> ToolOutput:
        tool = self._agent.tools.get(call.name)
        if tool is None:
            known = ", ".join(self._agent.tools) or "none"
            return _error(call, f"there is no tool {call.name!r}; there are: {known}")
        try:
            with trio.move_on_after(self._patience_s):
                return ToolOutput(call_id=call.call_id, name=call.name, output=await tool.run(call.arguments))
            return _error(call, f"the tool has given no answer for {self._patience_s:g} s and was stopped")
        except ToolArgumentsError as error:
            return _error(call, str(error))
        except Exception as error:  # noqa: BLE001  # a supervisor: a user's tool must not end the call
            _log.warning("tool %s failed in call %s", call.name, call.call_id, exc_info=True)
            return _error(call, f"the tool failed: {type(error).__name__}: {error}")


class Notes:
    """Where one reply is written down; see actors.ReplyNotes.

    Args:
        reply: the reply.
        tools: runs its tools.
    """

    def __init__(self, reply: Reply, tools: ToolRunner) -> None:
        self._reply = reply
        self._tools = tools

    def wrote(self, text: str) -> None:
        """The model wrote this next."""
        self._reply.draft.source += text
        if self._reply.draft.first_text_s is None:
            self._reply.draft.first_text_s = self._tools.now_s()

    def used(self, usage: TokenUsage) -> None:
        """The model says what it cost."""
        self._reply.draft.usage = usage

    async def run_tools(self, calls: tuple[ToolCall, ...]) -> tuple[ToolOutput, ...]:
        """Run tools, exactly one output for each call, in the order of the calls."""
        own = self._tools.with_own_ids(calls)
        self._reply.draft.tool_breaks.append((len(self._reply.source), own[0]))
        outputs = await self._tools.run(own)
        return tuple(attrs.evolve(output, call_id=call.call_id) for call, output in zip(calls, outputs, strict=True))


def _error(call: ToolCall, message: str) -> ToolOutput:
    return ToolOutput(
        call_id=call.call_id, name=call.name, output=json.dumps({"error": message}, ensure_ascii=False), is_error=True
    )
