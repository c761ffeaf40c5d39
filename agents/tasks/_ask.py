"""A question whose answer has a type: the model fills it in, and the program checks it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from trialogue.agents._instructions import joined
from trialogue.agents.tasks._task import Task
from trialogue.agents.tools._tool_results import Silently
from trialogue.agents.tools._tools import tool

if TYPE_CHECKING:
    from trialogue.agents.session._session import Session

T = TypeVar("T")


class Ask(Task[T], Generic[T]):
    """Asks a question, and comes back with the answer as a value of a type: `await Ask("...", Order).run(session)`.

    The model has a tool `answer` that takes such a value; one that does not fit is refused, with what would.

    Args:
        question: said as it begins, and told to the model.
        kind: the type of the answer: a class of attrs, a dataclass, an Enum, a TypedDict, int, bool, str, float.
        instructions: what else the model should know to ask for it.

    Raises:
        ConfigurationError: the type cannot be said in JSON.
    """

    def __init__(self, question: str, kind: type[T], *, instructions: str = "") -> None:
        def answer(value: T) -> Silently:
            return self.finish(self.checked(value))

        answer.__annotations__["value"] = kind
        description = f"The user has answered the question {question!r}, all of it. Pass the answer."
        told = f"You ask the user: {question} Ask on until you know all of the answer, and then call `answer`."
        super().__init__(
            instructions=joined(told, instructions, by=" "),
            tools=[tool(name="answer", description=description)(answer)],
        )
        self.question = question

    async def on_enter(self, session: Session) -> None:
        """Ask."""
        session.say(self.question)

    def checked(self, value: T) -> T:
        """The answer, if it will do; override it to raise ToolError, which tells the model what to ask for."""
        return value
