"""Tasks: agents that take over a conversation to find out one thing, and give it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar, cast

from trialogue.agents._agent import Agent
from trialogue.agents.session._stays import Found, TaskEnded, TaskGivenUp
from trialogue.agents.tools._tool_context import ToolContext
from trialogue.agents.tools._tool_results import Silently, ToolError
from trialogue.agents.tools._tools import tool
from trialogue.engine import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trialogue.agents.session._cast import Off
    from trialogue.agents.session._session import Session
    from trialogue.agents.session._stays import Errand
    from trialogue.agents.tools._toolset import AnyTool
    from trialogue.engine import LanguageModel, TextToSpeech

T = TypeVar("T")


class Task(Agent, Generic[T]):
    """An agent that has the conversation until it has found out one thing: `name = await AskName().run(session)`.

    Derive from it, and give it tools that end with `return self.finish(value)`. The model can always give up, with the
    tool `give_up`.

    Args:
        instructions: what it has to find out, for the language model.
        tools: as Agent.
        llm, tts: as Agent; None is as the agent has it that awaits the task.
        keyterms: as Agent.
        keep_context: whether its model is told what was said before.

    Raises:
        ConfigurationError: two tools have the same name.
    """

    def __init__(
        self,
        *,
        instructions: str,
        tools: Iterable[AnyTool] = (),
        llm: LanguageModel | Off | None = None,
        tts: TextToSpeech | Off | None = None,
        keyterms: Iterable[str] = (),
        keep_context: bool = True,
    ) -> None:
        super().__init__(instructions=instructions, tools=tools, llm=llm, tts=tts, keyterms=keyterms)
        self.keep_context = keep_context
        self._errand: Errand | None = None

    async def run(self, within: Session | ToolContext) -> T:
        """Take over the conversation until the task is over, and give it back.

        From a tool, from `on_enter`, from a task, or from the program. What is being said is said first; then the task
        enters, and answers the user, until it finishes and all was said; then the agent from before has the
        conversation again. `on_exit` and `on_enter` of that one are not called. A tool that awaits it keeps no reply
        waiting, and its time stands still; when it is done, its agent answers with its output. Tasks that are wanted
        side by side run one after another, those that a task awaits on top of it. Cancelling the wait ends the task.

        Args:
            within: the conversation; or, in a tool, its context. A tool that was written for asyncio has to give that:
                `await context.asyncio.trio.run(task.run, context)`.

        Returns:
            What the task has found.

        Raises:
            TaskGivenUp: the user, or the model, has given it up.
            TaskEnded: another agent has taken over, or the session is over.
            ConfigurationError: the session is not running, the task is awaited already, or this is `on_exit`.
        """
        if self._errand is not None and not self._errand.returned.is_set():
            raise ConfigurationError(f"{type(self).__name__} is awaited already; make another one for each time")
        if isinstance(within, ToolContext):
            session, paused = within.session, within._paused  # no method that a tool would call itself
        else:
            session, paused = within, within._parts.tools.paused  # a session knows no tasks; they know its parts
        seat = session._seat
        with paused() as caller, seat.errand(self, caller, keep_context=self.keep_context) as self._errand:
            await self._errand.returned.wait()
            return cast("T", self._errand.result())

    def finish(self, value: T) -> Silently:
        """The task is over, with this value. Synchronous; who awaits it goes on when all was said.

        Returns:
            The value as what a tool returns: nothing more is said to it.

        Raises:
            ConfigurationError: nobody awaits the task.
            ToolError: it is over already.
        """
        self._running.end(Found(value=value, recap=self.recap(value)))
        return Silently("done")

    def fail(self, reason: str) -> Silently:
        """The task is over without a value: who awaits it gets TaskGivenUp. Returns and raises as `finish`.

        Args:
            reason: why, for who awaits it, and for its model.
        """
        return self.end_with(TaskGivenUp(f"{type(self).__name__} was given up: {reason}"))

    def end_with(self, error: TaskEnded) -> Silently:
        """The task is over without a value: who awaits it gets this error. Returns and raises as `finish`."""
        self._running.end(error)
        return Silently("given up")

    def recap(self, value: T) -> str:
        """What stands for all that was said in the task, in what is remembered and told, once it has this value.

        By default nothing does, and all that was said stays.
        """
        del value
        return ""

    @tool
    def give_up(self, reason: str) -> Silently:
        """The user does not want to go on with this, or it cannot be done.

        Args:
            reason: why, in a few words.
        """
        return self.fail(reason)

    @property
    def _running(self) -> Errand:
        if self._errand is None:
            raise ConfigurationError(
                f"{type(self).__name__} cannot end: nobody awaits it; begin it with `await task.run(session)`"
            )
        if self._errand.outcome is not None:
            raise ToolError(f"{type(self).__name__} is over already")
        return self._errand
