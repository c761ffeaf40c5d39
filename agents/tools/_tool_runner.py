"""Running tools: each call gets exactly one output, whatever becomes of the reply that made it."""

from __future__ import annotations

import contextlib
import functools
import json
import logging
import math
from collections.abc import Awaitable, Callable, Generator
from typing import TYPE_CHECKING, Final

import attrs
import trio

from trialogue.agents._agent import Agent
from trialogue.agents.context._chat_context import still_running
from trialogue.agents.events._events import (
    Event,
    ToolFinished,
    ToolPaused,
    ToolResumed,
    ToolStarted,
    ToolStepsUsedUp,
)
from trialogue.agents.session._stays import Takeover
from trialogue.agents.session._task_tree import outer_tasks
from trialogue.agents.tools._tool_arguments import ToolArgumentsError
from trialogue.agents.tools._tool_context import ToolContext
from trialogue.agents.tools._tool_results import EndCall, HandOver, Silently, ToolError
from trialogue.engine import Channel, ConfigurationError
from trialogue.frames import TokenUsage, ToolCall, ToolOutput, ToolSchema
from trialogue.frames._attrs import define, frozen

if TYPE_CHECKING:
    from trialogue.agents.context._history import History
    from trialogue.agents.session._session import Session
    from trialogue.agents.speech._reply import Reply
    from trialogue.agents.tools._tools import Tool
    from trialogue.engine import AsyncioLoop

_log = logging.getLogger(__name__)

#: Things to say that may wait for the voice, of all tools of one step; more progress than that is no news.
_NEWS: Final = 8

Say = Callable[[str], Awaitable[None]]


@define(eq=False)
class _Run:
    """A tool at work.

    Args:
        call: what the model asked for.
        step: the calls that the model made together.
        tool: what runs; None if there is no such tool.
        began_s: when it was called, session time, seconds; later by the time in which it was paused.
    """

    call: ToolCall
    step: _Step
    tool: Tool | None
    began_s: float
    scope: trio.CancelScope = attrs.Factory(trio.CancelScope)
    patience: trio.CancelScope = attrs.Factory(trio.CancelScope)
    cancelled_because: str = ""
    output: ToolOutput | None = None
    task: trio.lowlevel.Task | None = None
    #: How many tasks it waits for; since when, on Trio's clock; and how much time it had left then.
    pauses: int = 0
    paused_s: float = 0.0
    left_s: float = 0.0

    def cancel(self, why: str) -> None:
        """End it; that is its output."""
        if self.output is None:
            self.cancelled_because = why
            self.scope.cancel(reason=why)

    def pause(self) -> bool:
        """Let no reply wait for it, nor its time pass; whether it was not paused already."""
        self.pauses += 1
        if self.pauses > 1:
            return False
        self.paused_s = trio.current_time()
        self.left_s = self.patience.deadline - self.paused_s
        self.patience.deadline = math.inf
        self.step.detach()
        return True

    def resume(self) -> bool:
        """Undo one `pause`; whether it goes on with that."""
        self.pauses -= 1
        if not self.pauses:
            self.patience.deadline = trio.current_time() + self.left_s
            self.began_s += trio.current_time() - self.paused_s
        return not self.pauses


@define(eq=False)
class _Step:
    """The calls that a model made together, and the reply that waits for them; it may have gone.

    Args:
        agent: whose tools they are.
    """

    agent: Agent
    news: Channel[str | None] = attrs.Factory(lambda: Channel("news of tools", capacity=_NEWS, overflow="drop oldest"))
    left: int = 0
    waits: bool = True
    hands_over: bool = False
    #: One of them has waited for a task: the reply is over without their outputs, which are answered by themselves.
    detached: bool = False
    wants_reply: bool = False

    def detach(self) -> None:
        """Let the reply go."""
        self.waits, self.detached = False, True
        self.news.outbox.send_nowait(None)


@frozen(kw_only=True)
class ToolSurroundings:
    """What tools run in.

    Args:
        session: the conversation.
        nursery: the session's.
        history: where calls and outputs are written down.
        emit: tells the listeners.
        hand_over: leaves the conversation to another agent.
        follow_up: has the agent say something to outputs for which no reply waits.
        asyncio: runs tools that were written for asyncio.
        patience_s: how long a tool may take that does not say so itself, seconds.
    """

    session: Session
    nursery: trio.Nursery
    history: History
    emit: Callable[[Event], None]
    hand_over: Callable[[Takeover], None]
    follow_up: Callable[[], None]
    asyncio: AsyncioLoop
    patience_s: float


class ToolRunner:
    """Runs the agent's tools in tasks of the session: an interruption of the reply does not stop them.

    Args:
        surroundings: what they run in.
    """

    def __init__(self, surroundings: ToolSurroundings) -> None:
        self._in = surroundings
        self._running: set[_Run] = set()

    @property
    def running(self) -> bool:
        """Whether a tool is at work; one that waits for a task of the conversation is not."""
        return any(not run.pauses for run in self._running)

    @property
    def agent(self) -> Agent:
        """Whose tools they are that are called now."""
        return self._in.session.agent

    def now_s(self) -> float:
        """Session time, seconds."""
        return self._in.session.now_s

    def with_own_ids(self, calls: tuple[ToolCall, ...]) -> tuple[ToolCall, ...]:
        """The calls, each with an id that no other call of the conversation has."""
        return self._in.history.with_own_ids(calls)

    def tell_out_of_steps(self, reply_id: str, steps: int) -> None:
        """Tell the listeners that a reply has used up its steps."""
        self._in.emit(ToolStepsUsedUp(at_s=self.now_s(), reply_id=reply_id, steps=steps))

    async def run(self, calls: tuple[ToolCall, ...], say: Say) -> tuple[ToolOutput, ...]:
        """Run calls side by side and wait for their outputs.

        Cancelled, it leaves them running, but for those that are to end with the reply.

        Args:
            calls: what the model asks for.
            say: speaks in the reply that waits.
        """
        step = _Step(self._in.session.agent, left=len(calls))
        runs = [self._start(call, step) for call in calls]
        try:
            await self._wait(step, runs, say)
        finally:
            step.waits = False
            for run in () if step.detached else runs:
                if run.tool is not None and run.tool.settings.cancel_on_interruption:
                    run.cancel("the user interrupted; it was cancelled")
        outputs = [run.output or still_running(run.call) for run in runs]
        # Where another agent takes over, or a task does, it is not this reply that says what there is to say to them.
        silent = step.hands_over or step.detached
        return tuple(attrs.evolve(each, wants_reply=False) if silent else each for each in outputs)

    @contextlib.contextmanager
    def paused(self, run: _Run | None = None) -> Generator[Agent | None, None, None]:
        """Let no reply wait for a tool, nor its time pass.

        Args:
            run: the tool; None is the one that runs in this task of Trio.

        Returns:
            Whose tool it is; None where this is no tool, or one that is over.
        """
        if run is None:
            outer = set(outer_tasks())
            run = next((each for each in self._running if each.task in outer), None)
        if run is None or run not in self._running:
            yield None
            return
        names = {"call_id": run.call.call_id, "name": run.call.name}
        if run.pause():
            self._in.emit(ToolPaused(at_s=self.now_s(), **names))
        try:
            yield run.step.agent
        finally:
            if run.resume():
                self._in.emit(ToolResumed(at_s=self.now_s(), **names))

    async def _wait(self, step: _Step, runs: list[_Run], say: Say) -> None:
        """Until all have their output; what is to be said meanwhile is said."""
        filler, filler_at_s = _filler(runs)
        while step.left and not step.detached:
            text: str | None = filler
            with trio.move_on_at(filler_at_s):
                text = await step.news.inbox.receive()
            if text is not None:
                filler_at_s = math.inf  # once, and not at all where a tool tells of its progress
                await say(text)

    def _start(self, call: ToolCall, step: _Step) -> _Run:
        surroundings, began_s = self._in, self.now_s()
        surroundings.history.add(call)
        surroundings.emit(ToolStarted(at_s=began_s, call_id=call.call_id, name=call.name, arguments=call.arguments))
        run = _Run(call, step, step.agent.tools.get(call.name), began_s)
        refusal = self._duplicate(run)
        self._running.add(run)
        if refusal:
            self._finish(run, _error(call, refusal))
        else:
            surroundings.nursery.start_soon(self._run_one, run, name=f"tool {call.name}")
        return run

    def _duplicate(self, run: _Run) -> str:
        """Why a call is refused because of one that runs already; the other one may have to give way instead."""
        others = [other for other in self._running if other.call.name == run.call.name]
        if not others or run.tool is None or run.tool.settings.duplicates == "allow":
            return ""
        if run.tool.settings.duplicates == "reject":
            return f"{run.call.name} is running already; wait for its output"
        for other in others:
            other.cancel("it was called anew; that call replaced this one")
        return ""

    def is_waited_for(self, task: trio.lowlevel.Task) -> bool:
        """Whether a reply waits for a tool that runs in this task, or in one that has begun this one."""
        waited_for = {run.task for run in self._running if run.step.waits}
        return not waited_for.isdisjoint(outer_tasks(task))

    async def _run_one(self, run: _Run) -> None:
        run.task = trio.lowlevel.current_task()
        with run.scope:
            output = await self._output_of(run)
        if run.scope.cancelled_caught:
            output = _error(run.call, run.cancelled_because)
        self._finish(run, output)

    def _finish(self, run: _Run, output: ToolOutput) -> None:
        run.output = output
        self._in.history.add(output)
        self._in.emit(
            ToolFinished(
                at_s=self.now_s(),
                took_s=self.now_s() - run.began_s,
                call_id=output.call_id,
                name=output.name,
                output=output.output,
                is_error=output.is_error,
            )
        )
        self._running.remove(run)
        step = run.step
        step.left -= 1
        step.wants_reply |= output.wants_reply
        step.news.outbox.send_nowait(None)
        speaks_for_itself = step.detached and step.wants_reply and not step.hands_over
        if speaks_for_itself and not step.left and self._in.session.agent is step.agent:
            self._in.follow_up()

    async def _output_of(self, run: _Run) -> ToolOutput:
        call, tool = run.call, run.tool
        if tool is None:
            known = ", ".join(run.step.agent.tools) or "none"
            return _error(call, f"there is no tool {call.name!r}; there are: {known}")
        patience_s = self._in.patience_s if tool.settings.timeout_s is None else tool.settings.timeout_s
        try:
            with run.patience:
                run.patience.deadline = trio.current_time() + patience_s
                return self._taken(run, await tool.run(call.arguments, self._context(run)))
            return _error(call, f"the tool has given no answer for {patience_s:g} s and was stopped")
        except (ToolArgumentsError, ToolError) as error:
            return _error(call, str(error))
        except Exception as error:  # noqa: BLE001  # a supervisor: a user's tool must not end the call
            _log.warning("tool %s failed in call %s", call.name, call.call_id, exc_info=True)
            return _error(call, f"the tool failed: {type(error).__name__}: {error}")

    def _context(self, run: _Run) -> ToolContext:
        token = trio.lowlevel.current_trio_token()

        def progress(text: str) -> None:
            if run.step.waits:
                run.step.news.outbox.send_nowait(text)
                return
            try:
                self._in.session.say(text)
            except ConfigurationError as error:  # too much waits to be said: progress is not worth a fault
                _log.warning("progress of tool %s in call %s is not told: %s", run.call.name, run.call.call_id, error)

        def from_anywhere(text: str) -> None:
            if trio.lowlevel.in_trio_run():
                progress(text)
            else:
                token.run_sync_soon(progress, text)

        return ToolContext(
            call_id=run.call.call_id,
            session=self._in.session,
            asyncio=self._in.asyncio,
            progress=from_anywhere,
            paused=functools.partial(self.paused, run),
        )

    def _taken(self, run: _Run, result: object) -> ToolOutput:
        """What a tool returned, as its output; what it asks for is done."""
        given = HandOver(result) if isinstance(result, Agent) else result
        silent = isinstance(given, (Silently, EndCall, HandOver))
        value = given.result if isinstance(given, (Silently, EndCall, HandOver)) else given
        # First, so that what is no JSON has done nothing: not even "NaN", which some vendors refuse ever after.
        text = json.dumps(value, default=str, ensure_ascii=False, allow_nan=False)
        if isinstance(given, EndCall):
            said = self._in.session.say(given.farewell) if given.farewell else None
            self._in.nursery.start_soon(self._end_call, given.reason, said, name="end of the call")
        elif isinstance(given, HandOver):
            self._hand_over(given, run.step)
        return ToolOutput(call_id=run.call.call_id, name=run.call.name, output=text, wants_reply=not silent)

    def _hand_over(self, to: HandOver, step: _Step) -> None:
        if step.hands_over:
            raise ToolError("another tool that was called together with this one hands over already; call only one")
        step.hands_over = True
        self._in.hand_over(Takeover(agent=to.agent, keep_context=to.keep_context, answers=True))

    async def _end_call(self, reason: str, said: Reply | None) -> None:
        """Hang up after the farewell; a user who speaks into that keeps the call."""
        if said is None or await said.wait() not in ("interrupted", "dropped"):
            self._in.session.end(reason, cause="agent")


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

    def out_of_steps(self, steps: int) -> None:
        """The model must answer now with what it has."""
        self._tools.tell_out_of_steps(self._reply.reply_id, steps)

    def tools_after(self, offered: tuple[ToolSchema, ...]) -> tuple[ToolSchema, ...]:
        """Those that the agent has now, as far as this reply is offered any."""
        agent = self._tools.agent
        return offered and self._reply.asked.tools.offered(agent)

    async def run_tools(self, calls: tuple[ToolCall, ...], say: Say) -> tuple[ToolOutput, ...]:
        """Run tools, exactly one output for each call, in the order of the calls."""
        own = self._tools.with_own_ids(calls)
        self._reply.draft.tool_breaks.append((len(self._reply.source), own[0]))
        outputs = await self._tools.run(own, say)
        return tuple(attrs.evolve(output, call_id=call.call_id) for call, output in zip(calls, outputs, strict=True))


def _filler(runs: list[_Run]) -> tuple[str, float]:
    """What is said while nothing has come, and when on Trio's clock: the earliest of the calls' fillers."""
    settings = [run.tool.settings for run in runs if run.tool is not None and run.tool.settings.filler]
    if not settings:
        return "", math.inf
    first = min(settings, key=lambda each: each.filler_after_s)
    return first.filler, trio.current_time() + first.filler_after_s


def _error(call: ToolCall, message: str) -> ToolOutput:
    return ToolOutput(
        call_id=call.call_id, name=call.name, output=json.dumps({"error": message}, ensure_ascii=False), is_error=True
    )
