"""The quick verdicts against the full ones, and the full ones against longer texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.actors.sentence_chunker.strategies import texts
from trialogue.actors.sentence_chunker._boundary import judge_at_a_glance, judge_in_full
from trialogue.actors.sentence_chunker._characters import STOPS
from trialogue.actors.sentence_chunker._registry import language
from trialogue.actors.sentence_chunker._verdict import WAIT

LANGUAGE = st.sampled_from([None, *map(language, ("en", "de", "ru", "it"))])
SENTENCES = texts.map(str.lstrip)


def terminators(text: str) -> list[int]:
    return [at for at, char in enumerate(text) if char in STOPS]


@given(SENTENCES, LANGUAGE, st.booleans())
def test_a_glance_sees_what_a_long_look_sees(text: str, chosen: object, final: bool) -> None:
    """judge_at_a_glance is silent, or right."""
    for at in (at for at in terminators(text) if text[at] in ".?!"):
        quick = judge_at_a_glance(text, at, final)
        if quick is not None:
            assert quick == judge_in_full(text, at, final, chosen)  # type: ignore[arg-type] # a Language or None


@given(SENTENCES, LANGUAGE)
def test_verdicts_are_final(text: str, chosen: object) -> None:
    """A verdict other than WAIT is the verdict of every longer text: the heart of law 2."""
    for at in terminators(text)[:4]:
        verdicts = [judge_in_full(text[:end], at, False, chosen) for end in range(at + 1, len(text) + 1)]  # type: ignore[arg-type] # a Language or None
        certain = [verdict for verdict in verdicts if verdict is not WAIT]
        assert len(set(certain)) <= 1
        assert all(verdict is not WAIT for verdict in verdicts[len(verdicts) - len(certain) :])


@pytest.mark.parametrize("text", ["Hello there. H", "Hello there? N", "It is you. W"])
def test_a_glance_is_enough_for_prose(text: str) -> None:
    assert judge_at_a_glance(text, len(text) - 3, False)
