"""Which form of a number goes with the words round it: "un libro", "una casa", "около пяти"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from trialogue.actors.text._later import later
from trialogue.actors.text_filter._language import Agreement, Language, has_ruleset

if TYPE_CHECKING:
    import re

GENDERS: Final = ("masculine", "feminine", "neuter")
PLAIN: Final = "spellout-numbering"
UNCERTAIN: Final = "?"
YEAR_DIGITS: Final = 4


class Agreeing:
    """Finds the ruleset for a number that stands between two words.

    Args:
        language: its words.
        agreement: how its numbers agree.
    """

    def __init__(self, language: Language, agreement: Agreement) -> None:
        self._language = language
        self._agreement = agreement
        self._genders = _compiled(agreement.genders)
        self._two = _compiled(agreement.two or agreement.genders)
        self._oblique = _compiled(agreement.oblique)

    def case(self, previous: str, following: str = "") -> str:
        """The case that the words round a number put it in; "" for none, "?" where several would be right."""
        of_word = (case for pattern, case in self._oblique if pattern.fullmatch(following.lower()))
        return next(of_word, self._agreement.cases.get(previous, ""))

    def ruleset(self, number: int, previous: str, following: str) -> str | None:
        """The name of the ruleset that says the number; None where that is not certain.

        Args:
            number: which.
            previous: the word before it, in lower case.
            following: the word behind it, "" where there is none.
        """
        years = self._agreement.years
        if following in years and len(str(number)) == YEAR_DIGITS:
            return years[following]
        if previous in self._agreement.labels or 0 < self._agreement.limit < number:
            return PLAIN
        case = self.case(previous, following)
        if case == UNCERTAIN:
            return None
        rulesets = self._rulesets(case)
        if len({self._language.spelled(number, ruleset) for ruleset in rulesets.values()}) == 1:
            return next(iter(rulesets.values()))
        gender = self._gender(number, following)
        if gender is None or gender == UNCERTAIN:
            return None
        return rulesets.get(gender) or (rulesets[GENDERS[0]] if case else PLAIN)

    def _rulesets(self, case: str) -> dict[str, str]:
        """By gender, as far as the language has them."""
        rulesets = {gender: f"spellout-cardinal-{gender}{case and '-'}{case}" for gender in GENDERS}
        return {gender: name for gender, name in rulesets.items() if has_ruleset(self._language.code, name)}

    def _gender(self, number: int, following: str) -> str | None:
        """The gender of what is counted; "" where nothing is, None where it is not known."""
        if not following:
            return ""
        genders = self._two if number % 10 == 2 else self._genders
        return next((gender for pattern, gender in genders if pattern.fullmatch(following)), None)


def _compiled(table: Mapping[str, str]) -> list[tuple[re.Pattern[str], str]]:
    return [(later(pattern), value) for pattern, value in table.items()]
