"""Collectors: tasks that ask for one value of a known kind, read it themselves, and say it back where they must."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, ClassVar, Final, Generic, TypeVar

from trialogue.agents.session._hooks import DropTurn
from trialogue.agents.tasks._inquiry import Confirm, Inquiry, TooManyTries
from trialogue.agents.tasks._read_yes_no import yes_or_no
from trialogue.agents.tasks._reading import Unreadable
from trialogue.agents.tasks._task import Task
from trialogue.agents.tools._tool_context import ToolContext
from trialogue.agents.tools._tool_results import Silently, ToolError
from trialogue.agents.tools._tools import tool
from trialogue.engine import PolicyError

if TYPE_CHECKING:
    from trialogue.agents.session._hooks import HeardTurn
    from trialogue.agents.session._session import Session
    from trialogue.agents.tasks._reading import Reader, Reading
    from trialogue.agents.tools._tools import Tool

T = TypeVar("T")

_INSTRUCTIONS: Final = (
    "You ask the user for {what}, and for nothing else. When the user has said it, or corrects it, call `note` with "
    "their words, all that belong to it, and do not judge yourself whether they are right: the tool does, says it back "
    "to the user, and asks whether that is right. When the user has answered that, call `confirm`. If a tool reports "
    "an error, ask for what it says. Questions about why you ask are answered in a sentence. Who does not want to say "
    "it need not: call `give_up`."
)


class Collect(Task[T], Generic[T]):
    """Asks for a value, reads it out of the user's words, and says it back where it is not sure.

    What the user says is read by the program wherever it can be; only what it cannot read goes to the model, which
    finds the value among other words, and answers questions. What the model finds is read and checked in the same way.

    Args:
        read: reads values of the kind.
        what: the kind, with its article: "the e-mail address".
        question: how the agent asks.
        confirm: when a value is said back, and the user asked whether it is right.
        tries: so often it may be misunderstood; then it is given up.
    """

    #: The user's words are read without the model where there are no more than so many of them; 0: never.
    direct_words: ClassVar[int] = 0

    def __init__(
        self, read: Reader[T], *, what: str, question: str, confirm: Confirm = "when unsure", tries: int = 3
    ) -> None:
        super().__init__(instructions=_INSTRUCTIONS.format(what=what), tools=self.note_tools(what))
        self.what = what
        self.question = question
        self._new_inquiry = functools.partial(Inquiry[T], read, confirm=confirm, tries=tries)
        self._inquiry = self._new_inquiry()

    def note_tools(self, what: str) -> list[Tool]:
        """The tools by which the model passes a value on; see `note` and `confirm`."""
        note = tool(name="note", description=f"The user has said {what}, or corrects it. Pass their words.")
        confirm = tool(name="confirm", description="The user has said whether what was said back to them is right.")
        return [note(self._note), confirm(self._confirm)]

    async def on_enter(self, session: Session) -> None:
        """Ask."""
        self._inquiry = self._new_inquiry()
        session.say(self.question)

    async def on_user_turn(self, session: Session, turn: HeardTurn) -> DropTurn | None:
        """Read the user's words, where that needs no model; else the model answers."""
        text = turn.text
        if self._inquiry.candidate is not None:
            right = yes_or_no(text)
            if right is not None:
                self._judge(session, right=right, rest=text)
                return DropTurn("understood", remember=True)
        if not self._reads(text):
            return None
        try:
            self._take(session, self._inquiry.read_if_any(text))
        except Unreadable:
            return None  # the model knows what else that may be
        return DropTurn("understood", remember=True)

    def _reads(self, text: str) -> bool:
        """Whether to read words without the model: they are few, and no question."""
        return 0 < len(text.split()) <= self.direct_words and not text.rstrip().endswith("?")

    def _note(self, said: str, context: ToolContext) -> Silently:
        """Read what the model has found.

        Args:
            said: the user's words that belong to it, or the value as it is written.
        """
        try:
            self._take(context.session, self._inquiry.read(said))
        except TooManyTries as error:
            return self._give_up(error)
        return Silently("noted")

    def _confirm(self, right: bool, context: ToolContext) -> Silently:
        """Take the user's answer to what was said back.

        Args:
            right: whether it is right.
        """
        try:
            self._judge(context.session, right=right)
        except PolicyError as error:
            raise ToolError("nothing was said back yet; call `note` first") from error
        return Silently("noted")

    def _take(self, session: Session, reading: Reading[T] | None) -> None:
        """Finish with a value that is certain, or say the candidate back."""
        if reading is not None:
            self.finish(reading.value)
        elif self._inquiry.candidate is not None:
            session.say(f"That is {self._inquiry.candidate.spoken}. Is that right?")

    def _judge(self, session: Session, *, right: bool, rest: str = "") -> None:
        """The candidate is right, or not; then the same words may hold the right one."""
        try:
            reading = self._inquiry.answer(right)
            if reading is None and len(rest.split()) > 1 and self.direct_words:
                reading = self._corrected(rest)
        except TooManyTries as error:
            self._give_up(error)
            return
        if reading is None and self._inquiry.candidate is None:
            session.say(f"Then once more, please. {self.question}")
        else:
            self._take(session, reading)

    def _corrected(self, text: str) -> Reading[T] | None:
        """The value in "no, it is …", if there is one."""
        _, _, rest = text.replace(",", " ").strip().partition(" ")
        try:
            return self._inquiry.read_if_any(rest)
        except Unreadable:
            return None

    def _give_up(self, error: TooManyTries) -> Silently:
        return self.fail(f"{self.what} was not understood after several tries: {error}")
