"""Whether a thought is finished: on the labelled set, and by the laws of the rules."""

from __future__ import annotations

import hypothesis
import hypothesis.strategies as st
import pytest

from tests.data.turns.labelled import FROZEN, checksum, end_items, floor_items, scores
from trialogue.actors import SilenceDetector, TextTurnDetector
from trialogue.actors.turn._detector import FINISHED, RULES, finished_probability
from trialogue.actors.turn._detector_words import END_WORDS
from trialogue.actors.turn._words import FLOOR_WORDS
from trialogue.engine import TurnDetector, TurnSoFar

LANGUAGES = sorted(END_WORDS)


def judge(text: str, language: str = "en", asked: str = "") -> float:
    """How likely it is that the thought is finished."""
    return finished_probability(TurnSoFar(text=text, language=language, asked=asked))


def test_the_half_for_reporting_is_the_one_that_was_committed_first() -> None:
    assert checksum("ends-reporting.tsv") == FROZEN["ends-reporting.tsv"]


def test_the_set_is_large_and_has_nothing_twice() -> None:
    ends = [*end_items("development"), *end_items("reporting")]
    floors = [*floor_items("development"), *floor_items("reporting")]
    assert len(ends) + len(floors) >= 300
    assert len(set(ends)) == len(ends)
    assert len(set(floors)) == len(floors)


@pytest.mark.parametrize("language", LANGUAGES)
def test_finished_thoughts_are_told_from_unfinished_ones(language: str) -> None:
    items = [item for item in end_items("reporting") if item.language == language]
    assert len(items) > 40
    found = scores((str(item.finished), str(judge(item.text, language, item.asked) >= FINISHED)) for item in items)
    assert set(found) == {"False", "True"}
    for label, score in found.items():
        assert score.precision >= 0.9, label
        assert score.recall >= 0.9, label


@pytest.mark.parametrize("language", LANGUAGES)
def test_hesitation_at_the_end_is_never_the_end(language: str) -> None:
    """Whoever says "um" wants to go on, whatever was said before."""
    for item in (item for item in end_items("development") if item.language == language):
        for (sound,) in FLOOR_WORDS[language].hesitations.phrases:
            assert judge(f"{item.text} {sound}", language, item.asked) < 0.2


@pytest.mark.parametrize(
    ("asked", "digits", "over"),
    [
        ("what is your phone number", "5 5 5", False),
        ("what is your phone number", "five five five zero", False),
        ("what is your phone number", "555 0123", True),
        ("what is your phone number", "double five five three four five nine", True),
        ("what is your phone number", "oh one seven two fifty five thirty four", True),
        ("", "my phone number is five five five", False),
        ("", "one two three", False),
        ("what is your zip code", "nine zero two one", False),
        ("what is your zip code", "nine zero two one oh", True),
        ("what is your pin", "four seven one one", True),
        ("for how many people", "four", True),
        ("for how many people", "two or three", True),
        ("what is your e-mail", "jo dot", False),
        ("what is your e-mail", "jo at example", False),
        ("what is your e-mail", "jo at example dot", False),
        ("what is your e-mail", "jo at example dot co dot uk", True),
        ("", "see you at seven", True),
        ("", "it is jo at example dot", False),
        ("how do you spell that", "s m", False),
    ],
)
def test_dictation_is_over_when_all_of_it_is_there(asked: str, digits: str, over: bool) -> None:
    assert (judge(digits, "en", asked) >= FINISHED) is over


@pytest.mark.parametrize(
    ("text", "language", "over"),
    [
        ("who should I talk to?", "en", True),
        ("I would like to talk to", "en", False),
        ("what time do you", "en", False),
        ("where can", "en", False),
        ("how are you", "en", True),
        ("where is it", "en", True),
        ("wann können wir", "de", False),
        ("wo ist er", "de", True),
        ("dónde puedo", "es", False),
        ("please turn it on", "en", True),
        ("please put it on", "en", True),
        ("I left it on", "en", False),
        ("I know what it is", "en", True),
        ("my name is", "en", False),
        ("Wann fängt es an?", "de", True),
        ("wann fängt das konzert an", "de", True),
        ("ich denke gerade an", "de", False),
        ("Ich weiß nicht, wo das ist.", "de", True),
        ("mein name ist", "de", False),
        ("ich heiße", "de", False),
        ("no sé dónde está", "es", True),
        ("mi nombre es", "es", False),
        ("well...", "en", False),
        ("", "en", False),
        ("hello", "en", True),
        ("okay stop", "en", True),
        ("next", "en", True),
        ("on friday or next", "en", False),
        ("para", "es", True),
        ("una mesa para", "es", False),
        ("mañana", "xx", True),  # a language without rules: finished as far as anybody can tell
        ("", "xx", False),
    ],
)
def test_the_last_word_is_seen_in_its_place(text: str, language: str, over: bool) -> None:
    assert (judge(text, language) >= FINISHED) is over


@pytest.mark.parametrize("word", ["the one", "friday", "yes", "mhm", "because i was ill", "if you have one"])
def test_after_a_question_a_fragment_is_an_answer(word: str) -> None:
    assert judge(word, "en", asked="which one, and why?") >= 0.7


@hypothesis.given(
    text=st.text(max_size=60) | st.lists(st.sampled_from("i if the at dot five um when to is s".split())).map(" ".join),
    asked=st.sampled_from(["", "what is your e-mail", "how do you spell that", "what is your phone number"]),
    language=st.sampled_from([*LANGUAGES, "de-AT", "en_US", "fr", ""]),
)
def test_whatever_was_said_there_is_a_probability(text: str, asked: str, language: str) -> None:
    assert 0.0 <= judge(text, language, asked) <= 1.0


def test_every_rule_decides_something() -> None:
    """A rule that never comes to a decision on 144 items is dead, or the items are too few."""
    seen = {judge(item.text, item.language, item.asked) for item in end_items("development")}
    assert len(seen) > 8
    assert len({fits for fits, _ in RULES}) == len(RULES)


@pytest.mark.parametrize("detector", [TextTurnDetector(), SilenceDetector(), SilenceDetector(always=0.0)])
async def test_detectors_open_for_a_session(detector: TurnDetector) -> None:
    async with detector.open() as judge:
        assert not judge.wants_audio_s
        assert judge.cost_s < 0.001
        said = [judge.probability(TurnSoFar(text=text)) for text in ("my name is", "what time is it")]
    if isinstance(detector, SilenceDetector):
        assert said == [detector.always] * 2
    else:
        assert said[0] < FINISHED <= said[1]


def test_silence_has_an_opinion_between_zero_and_one() -> None:
    with pytest.raises(ValueError, match="always"):
        SilenceDetector(always=1.5)
