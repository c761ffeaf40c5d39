"""The collectors that come along: names, addresses, numbers, dates, figures, yes or no. English."""

from __future__ import annotations

import datetime
import functools
from typing import TYPE_CHECKING, ClassVar

from trialogue.agents.tasks._collect import Collect
from trialogue.agents.tasks._read_contact import read_email, read_name, read_phone
from trialogue.agents.tasks._read_date import DateReader
from trialogue.agents.tasks._read_yes_no import read_yes_no
from trialogue.agents.tasks._reading import Reading, Unreadable
from trialogue.agents.tasks._spoken import digits_of, tokens_of
from trialogue.agents.tools._tool_context import ToolContext
from trialogue.agents.tools._tool_results import Silently
from trialogue.agents.tools._tools import tool
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from trialogue.agents.tasks._inquiry import Confirm
    from trialogue.agents.tools._tools import Tool


class CollectName(Collect[str]):
    """Asks for a person's name. What is spelled counts more than what is said.

    Args:
        question: how the agent asks.
        confirm: when the name is said back; it is sure where it was spelled.
        tries: so often it may be misunderstood.
    """

    def __init__(
        self, question: str = "What is your name, please?", *, confirm: Confirm = "when unsure", tries: int = 3
    ) -> None:
        super().__init__(read_name, what="the name", question=question, confirm=confirm, tries=tries)


class CollectEmail(Collect[str]):
    """Asks for an address of e-mail, and always says it back unless told otherwise: nothing proves it.

    Args:
        question: how the agent asks.
        confirm: when the address is said back.
        tries: so often it may be misunderstood.
    """

    direct_words: ClassVar[int] = 40

    def __init__(
        self, question: str = "What is your e-mail address?", *, confirm: Confirm = "when unsure", tries: int = 3
    ) -> None:
        super().__init__(read_email, what="the e-mail address", question=question, confirm=confirm, tries=tries)


class CollectPhone(Collect[str]):
    """Asks for a telephone number.

    Args:
        question: how the agent asks.
        country_code: put in place of the zero before a national number, "49" say.
        confirm: when the number is said back.
        tries: so often it may be misunderstood.
    """

    direct_words: ClassVar[int] = 32

    def __init__(
        self,
        question: str = "What is your telephone number?",
        *,
        country_code: str = "",
        confirm: Confirm = "when unsure",
        tries: int = 3,
    ) -> None:
        read = functools.partial(read_phone, country_code=country_code)
        super().__init__(read, what="the telephone number", question=question, confirm=confirm, tries=tries)


class CollectDate(Collect[datetime.date]):
    """Asks for a date: "next Tuesday", "the third of May".

    Args:
        read: how dates are read: from which day on, and within which bounds.
        question: how the agent asks.
        what: which date it is.
        confirm: when the date is said back.
        tries: so often it may be misunderstood.
    """

    direct_words: ClassVar[int] = 8

    def __init__(
        self,
        read: DateReader,
        question: str = "On which day?",
        *,
        what: str = "the date",
        confirm: Confirm = "when unsure",
        tries: int = 3,
    ) -> None:
        super().__init__(read, what=what, question=question, confirm=confirm, tries=tries)


class CollectYesNo(Collect[bool]):
    """Asks a question that is answered by yes or no.

    Args:
        question: the question.
        tries: so often the answer may be misunderstood.
    """

    direct_words: ClassVar[int] = 4

    def __init__(self, question: str, *, tries: int = 3) -> None:
        what = f"an answer to the question {question!r}, which is yes or no"
        super().__init__(read_yes_no, what=what, question=question, tries=tries)


@frozen(kw_only=True)
class Address:
    """A postal address.

    Args:
        street: with the number of the house, where there is one.
        postcode: as the country writes it; empty where it has none.
        city: the town.
        country: its name; empty where it was not said.
    """

    street: str
    city: str
    postcode: str = ""
    country: str = ""

    def __str__(self) -> str:
        town = " ".join(filter(None, (self.postcode, self.city)))
        return ", ".join(filter(None, (self.street, town, self.country)))


class CollectAddress(Collect[Address]):
    """Asks for a postal address; the model tells its parts apart, and it is always said back unless told otherwise.

    Args:
        question: how the agent asks.
        confirm: when the address is said back.
        tries: so often it may be misunderstood.
    """

    def __init__(
        self, question: str = "What is your postal address?", *, confirm: Confirm = "when unsure", tries: int = 3
    ) -> None:
        super().__init__(_split_address, what="the postal address", question=question, confirm=confirm, tries=tries)

    def note_tools(self, what: str) -> list[Tool]:
        """One that takes the parts."""
        _, confirm = super().note_tools(what)
        note = tool(name="note", description=f"The user has said {what}, or corrects it. Pass its parts.")
        return [note(self._note_parts), confirm]

    def _note_parts(
        self, street: str, city: str, context: ToolContext, postcode: str = "", country: str = ""
    ) -> Silently:
        """Read what the model has found.

        Args:
            street: with the number of the house.
            city: the town.
            postcode: if it was said.
            country: if it was said.
        """
        parts = (" ".join(part.split()) for part in (street, city, postcode, country))
        return self._note("\n".join(parts), context)


def _split_address(said: str) -> Reading[Address]:
    """An address out of its parts, a line for each. Raises Unreadable where one is missing, or cannot be."""
    street, city, postcode, country = said.split("\n")
    if not any(map(str.isalpha, street)):
        raise Unreadable("there is no street; ask for the street and the number of the house")
    if not any(map(str.isalpha, city)):
        raise Unreadable("there is no town; ask for it")
    figures = "" if "-" in postcode else digits_of(tokens_of(postcode))  # "00-950" is written, and not said
    code = (figures or postcode).upper()
    if code and not (
        len(code) <= 10 and any(map(str.isdecimal, code)) and code.replace(" ", "").replace("-", "").isalnum()
    ):
        raise Unreadable(f"{postcode!r} is no postcode; ask for it figure by figure")
    address = Address(street=street, city=city, postcode=code, country=country)
    return Reading(value=address, spoken=str(address))
