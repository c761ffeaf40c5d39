"""What takes the floor, on the labelled set and by its laws."""

from __future__ import annotations

import hypothesis
import hypothesis.strategies as st
import pytest

from tests.data.turns.labelled import FROZEN, checksum, floor_items, scores
from trialogue.actors import is_backchannel
from trialogue.actors.turn._words import (
    FLOOR_WORDS,
    AgentActivity,
    SpeechClaim,
    claim_of,
    is_command,
    is_hesitation,
)

LANGUAGES = sorted(FLOOR_WORDS)


def test_the_half_for_reporting_is_the_one_that_was_committed_first() -> None:
    assert checksum("floor-reporting.tsv") == FROZEN["floor-reporting.tsv"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_claims_to_the_floor_are_told_apart(language: str) -> None:
    items = [item for item in floor_items("reporting") if item.language == language]
    assert len(items) > 50
    found = scores((item.label, claim_of(item.text, item.agent, item.language)) for item in items)
    assert set(found) == {"answer", "backchannel", "interruption"}
    for label, score in found.items():
        assert score.precision >= 0.9, label
        assert score.recall >= 0.9, label


@pytest.mark.parametrize(
    ("text", "language", "agent", "claim"),
    [
        ("yeah", "en", "speaking", "backchannel"),
        ("yeah", "en", "asking", "answer"),
        ("yeah", "en", "asked", "answer"),
        ("yeah", "en", "silent", "answer"),
        ("um", "en", "asking", "backchannel"),
        ("ok stop", "en-GB", "speaking", "interruption"),
        ("OK. Stop!", "en_US", "speaking", "interruption"),
        ("got it", "en", "speaking", "backchannel"),
        ("got", "en", "speaking", "backchannel"),  # one word is too little
        ("got nothing", "en", "speaking", "interruption"),
        ("no way", "en", "speaking", "backchannel"),
        ("no", "en", "speaking", "interruption"),
        ("Ja, genau!", "de-AT", "speaking", "backchannel"),
        ("ja genau das nicht", "de", "speaking", "interruption"),
        ("si claro", "es", "speaking", "backchannel"),  # without its accent
        ("mhm", "ja", "speaking", "backchannel"),  # a language without a table
        ("stop", "ja", "speaking", "interruption"),
    ],
)
def test_the_same_words_are_another_thing_in_another_place(
    text: str, language: str, agent: AgentActivity, claim: SpeechClaim
) -> None:
    assert claim_of(text, agent, language) == claim


@hypothesis.given(data=st.data(), language=st.sampled_from(LANGUAGES))
def test_any_number_of_signs_of_listening_is_a_sign_of_listening(data: st.DataObject, language: str) -> None:
    phrases = st.sampled_from(sorted(FLOOR_WORDS[language].listening.phrases))
    text = " ".join(" ".join(phrase) for phrase in data.draw(st.lists(phrases, max_size=8)))
    assert is_backchannel(text, language)
    assert not is_command(text, language)


@hypothesis.given(data=st.data(), language=st.sampled_from(LANGUAGES))
def test_a_command_among_signs_of_listening_takes_the_floor(data: st.DataObject, language: str) -> None:
    known = FLOOR_WORDS[language]
    hums = data.draw(st.lists(st.sampled_from(sorted(known.hesitations.phrases)), max_size=3))
    command = data.draw(st.sampled_from(sorted(known.commands.phrases)))
    text = " ".join(" ".join(phrase) for phrase in [*hums, command])
    assert is_command(text, language)
    assert not is_backchannel(text, language)
    assert claim_of(text, "speaking", language) == "interruption"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_is_in_two_minds(language: str) -> None:
    known = FLOOR_WORDS[language]
    assert not known.listening.phrases & known.commands.phrases
    assert known.hesitations.phrases <= known.listening.phrases


@pytest.mark.parametrize(("text", "hesitates"), [("um", True), ("uh um", True), ("", True), ("mhm", False)])
def test_hesitation_is_no_answer(text: str, hesitates: bool) -> None:
    assert is_hesitation(text) is hesitates


def test_a_long_transcript_is_judged_in_no_time() -> None:
    """No backtracking: a thousand signs of listening with a word at the end that is none."""
    assert not is_backchannel("ja " * 1000 + "tisch", "de")
