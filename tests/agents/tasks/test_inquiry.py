"""Inquiries: a value counts when it is certain, and whoever is misunderstood is not asked for ever."""

from __future__ import annotations

import hypothesis
import hypothesis.strategies as st
import pytest

from trialogue.agents.tasks import Confirm, Reading, Unreadable
from trialogue.agents.tasks._inquiry import Inquiry, TooManyTries
from trialogue.engine import PolicyError


def read(said: str) -> Reading[str]:
    """Words that begin with "good" can be read, and with "sure" surely."""
    if not said.startswith(("good", "sure")):
        raise Unreadable("say it again")
    return Reading(value=said, spoken=said, sure=said.startswith("sure"))


@hypothesis.given(
    st.lists(st.sampled_from(["bad", "other", "good 1", "good 2", "sure 1", "yes", "no"]), max_size=12),
    st.sampled_from(["when unsure", "always", "never"]),
    st.integers(1, 4),
)
def test_what_counts_and_when_it_is_enough(said: list[str], confirm: Confirm, tries: int) -> None:
    inquiry = Inquiry(read, confirm=confirm, tries=tries)
    misses, waits = 0, ""
    for each in said:
        certain: Reading[str] | None = None
        expected, missed = "", False
        try:
            match each:
                case "yes" | "no" if not waits:
                    with pytest.raises(PolicyError):
                        inquiry.answer(each == "yes")
                case "yes" | "no":
                    expected, waits, missed = (waits if each == "yes" else ""), "", each == "no"
                    certain = inquiry.answer(each == "yes")
                case "other":
                    with pytest.raises(Unreadable):
                        inquiry.read_if_any(each)
                case _:
                    missed = each == "bad"
                    needs_no_word = confirm == "never" or (confirm == "when unsure" and each.startswith("sure"))
                    if not missed:
                        expected, waits = (each, "") if needs_no_word else ("", each)
                    certain = inquiry.read(each)
        except (Unreadable, TooManyTries) as error:
            misses += 1
            assert missed  # which of both it is, is what is tested
            assert isinstance(error, TooManyTries) == (misses == tries)  # noqa: PT017  # likewise
            if misses == tries:
                return
        else:
            misses += missed
            assert misses < tries
        assert (certain.value if certain else "") == expected
        assert (inquiry.candidate.value if inquiry.candidate else "") == waits
