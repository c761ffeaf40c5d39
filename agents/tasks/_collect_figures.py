"""Collectors of figures, said or typed: codes, and numbers of cards, which nobody sees but who asked for them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar, Final, TypeVar

from trialogue.actors import KeypadSettings
from trialogue.agents.session._hooks import DropTurn
from trialogue.agents.tasks._collect import Collect
from trialogue.agents.tasks._inquiry import TooManyTries
from trialogue.agents.tasks._read_figures import (
    CardNumber,
    DigitsReader,
    count_figures,
    figures_of,
    read_card,
    without_figures,
)
from trialogue.agents.tasks._reading import Unreadable

if TYPE_CHECKING:
    from trialogue.agents.session._hooks import HeardTurn
    from trialogue.agents.session._session import Session
    from trialogue.agents.tasks._inquiry import Confirm
    from trialogue.agents.tasks._reading import Reader
    from trialogue.agents.tools._tools import Tool

T = TypeVar("T")

#: What stands for the figures of a card wherever something is written down.
HIDDEN: Final = "[card number]"

#: Fewer figures in a turn are not hidden, and are no part of a card's number: "in two minutes".
_FEW_FIGURES: Final = 3

_SECRET_INSTRUCTIONS: Final = (
    "You ask the user for {what}, and for nothing else. The program reads it, and says so if something is wrong with "
    "it; you see {hidden} in its place, and never ask for single figures. Questions about why you ask are answered in "
    "a sentence. Who does not want to say it need not: call `give_up`."
)


class CollectFigures(Collect[T]):
    """Asks for something made of figures, which may be typed as well.

    Args:
        read: reads values of the kind.
        most: after so many keys an entry is complete; or with the pound key, or a pause.
        what, question, confirm, tries: as Collect.
    """

    direct_words: ClassVar[int] = 40

    def __init__(  # one more than Collect has
        self, read: Reader[T], *, most: float, what: str, question: str, confirm: Confirm, tries: int
    ) -> None:
        super().__init__(read, what=what, question=question, confirm=confirm, tries=tries)
        self._keypad = KeypadSettings(max_keys=most, first_s=math.inf)

    async def on_enter(self, session: Session) -> None:
        """Ask, and take what is typed, for as long as the task has the conversation."""
        await super().on_enter(session)
        while (entered := await session.collect_keys(self._keypad)).ended_by != "the end of the call":
            if entered.keys:
                self._take_figures(session, entered.keys)

    def _take_figures(self, session: Session, figures: str) -> None:
        """Read figures that nobody but the program has to understand."""
        try:
            self._take(session, self._inquiry.read(figures))
        except Unreadable:
            session.say(f"Sorry, that cannot be right. {self.question}")
        except TooManyTries as error:
            self._give_up(error)


class CollectDigits(CollectFigures[str]):
    """Asks for figures: a code, a customer's number.

    Args:
        question: how the agent asks.
        read: how many figures there may be.
        what: what the figures are.
        confirm: when they are said back; they are sure where only one number of them can be right.
        tries: so often they may be misunderstood.
    """

    def __init__(
        self,
        question: str,
        *,
        read: DigitsReader | None = None,
        what: str = "the number",
        confirm: Confirm = "when unsure",
        tries: int = 3,
    ) -> None:
        reader = read or DigitsReader()
        super().__init__(reader, most=reader.most, what=what, question=question, confirm=confirm, tries=tries)


class CollectCard(CollectFigures[CardNumber]):
    """Asks for the number of a card, in one go or in groups. No model sees its figures, and nothing remembers them.

    Args:
        question: how the agent asks.
        tries: so often it may be misunderstood.
    """

    def __init__(self, question: str = "Please say or type the number of your card.", *, tries: int = 3) -> None:
        super().__init__(
            read_card, most=19, what="the number of their card", question=question, confirm="never", tries=tries
        )
        self.instructions = _SECRET_INSTRUCTIONS.format(what=self.what, hidden=HIDDEN)
        self._said = ""

    def note_tools(self, what: str) -> list[Tool]:
        """None: the model knows no figures."""
        del what
        return []

    def redact(self, text: str) -> str:
        """Without any figures."""
        return without_figures(text, HIDDEN)

    async def on_enter(self, session: Session) -> None:
        """As CollectFigures."""
        self._said = ""
        await super().on_enter(session)

    async def on_user_turn(self, session: Session, turn: HeardTurn) -> DropTurn | None:
        """Take the figures out of the turn, whatever else is in it."""
        if count_figures(turn.text) <= (0 if self._said else _FEW_FIGURES):
            return None
        try:
            self._said += figures_of(turn.text)
        except Unreadable:
            self._said = ""
            turn.text = HIDDEN
            session.say("Please say the figures of the card alone, and nothing else.")
            return DropTurn("hidden", remember=True)
        turn.text = HIDDEN
        if len(self._said) < _expected(self._said):
            session.say("Go on, please.")
        else:
            said, self._said = self._said, ""
            self._take_figures(session, said)
        return DropTurn("understood", remember=True)


def _expected(digits: str) -> int:
    """How many figures a card's number has that begins so: ISO/IEC 7812-1, as the large issuers use it."""
    if digits[:2] in ("34", "37"):
        return 15
    return 14 if digits[:2] in ("30", "36", "38") else 16
