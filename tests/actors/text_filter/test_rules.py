"""The filter's rules by example: those of the docs, executed, and what else each part promises."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.actors.text_filter.fragments import FRAGMENTS
from trialogue.actors import (
    Rule,
    TextFilter,
    TextFilterSettings,
    UnclosedBlock,
    hyphenation,
    speakable,
    transliteration,
)
from trialogue.actors.text_filter._choice import Choice
from trialogue.actors.text_filter._settings import LANGUAGES
from trialogue.engine import ConfigurationError
from trialogue.frames import Sentence, SpeakablePiece

PAGE = (Path(__file__).parents[3] / "docs" / "text" / "filter.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```speakable (\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
EXAMPLE = re.compile(r'^(".*")\n    -> (".*")$', re.MULTILINE)


def examples_of(text: str) -> list[tuple[str, str, str]]:
    return [
        (language, str(ast.literal_eval(source)), str(ast.literal_eval(spoken)))
        for language, block in BLOCK.findall(text)
        for source, spoken in EXAMPLE.findall(block)
    ]


def section_of(rule: Rule) -> str:
    return PAGE.partition(f"\n#### `{rule.value}`\n")[2].partition("\n#")[0]


def pieces_of(cuts: list[str], settings: TextFilterSettings | None = None) -> list[SpeakablePiece]:
    text_filter = TextFilter(settings)
    return [piece for cut in cuts for piece in text_filter.push(cut)] + text_filter.finish()


def spoken(source: str, settings: TextFilterSettings) -> str:
    return "".join(piece.text for piece in pieces_of([source], settings))


@pytest.mark.parametrize(("language", "source", "expected"), examples_of(PAGE))
def test_the_docs_tell_the_truth(language: str, source: str, expected: str) -> None:
    assert speakable(source, language=language) == expected
    assert speakable(expected, language=language) == expected
    settings = TextFilterSettings(language=language)
    assert pieces_of(list(source), settings) == pieces_of([source], settings)


@pytest.mark.parametrize("rule", Rule)
def test_each_rule_has_examples_that_need_it(rule: Rule) -> None:
    examples = examples_of(section_of(rule))
    assert examples
    without = TextFilterSettings(off={rule})
    assert [spoken(source, without) for _, source, _ in examples] != [expected for _, _, expected in examples]


@pytest.mark.parametrize(("language", "source"), sorted({example[:2] for example in examples_of(PAGE)}))
def test_without_any_rule_the_source_is_left_as_it_is(language: str, source: str) -> None:
    assert spoken(source, TextFilterSettings(language=language, off=frozenset(Rule))) == source


@pytest.mark.parametrize("rule", Rule)
def test_each_rule_does_something_alone(rule: Rule) -> None:
    needs = {Rule.NUMBERS, Rule.SYMBOLS}  # without the first no figures are read; some signs are parts of figures
    alone = TextFilterSettings(off=frozenset(Rule) - {rule} - needs)
    others = TextFilterSettings(off=frozenset(Rule) - (needs - {rule}))
    sources = [source for _, source, _ in examples_of(section_of(rule))]
    assert [spoken(source, alone) for source in sources] != [spoken(source, others) for source in sources]


@pytest.mark.parametrize("rule", Rule)
def test_without_a_rule_the_laws_of_the_stream_hold(rule: Rule) -> None:
    settings = TextFilterSettings(off={rule})
    for language, source, _ in examples_of(PAGE):
        if language == "en":
            pieces = pieces_of([source], settings)
            assert pieces_of(list(source), settings) == pieces
            assert [piece.start for piece in pieces] == [0, *(piece.end for piece in pieces[:-1])]
            assert pieces[-1].end == len(source)


@pytest.mark.parametrize("tag", sorted(LANGUAGES))
def test_leaving_out_patterns_that_cannot_fit_changes_no_reading(tag: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = sorted({source for _, source, _ in examples_of(PAGE)} | {fragment.strip() for fragment in FRAGMENTS})
    chosen = [speakable(source, language=tag) for source in sources]
    monkeypatch.setattr(Choice, "at", lambda choice, region, at, telling: choice._table)  # the slow and obvious way
    assert [speakable(source, language=tag) for source in sources] == chosen


@pytest.mark.parametrize("tag", ["ru", "pl", "fr"])
def test_what_may_be_one_figure_is_left_alone_as_one(tag: str) -> None:
    assert speakable("21 123-561", language=tag) == "21 123-561"


def test_an_unknown_rule_is_named_with_those_that_exist() -> None:
    with pytest.raises(ConfigurationError, match=r"'emojis'.*emphasis, .*numbered_lists"):
        TextFilterSettings(off={"emojis"})


def test_a_key_with_outer_blanks_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="' nginx'"):
        TextFilterSettings(pronunciations={" nginx": "engine x"})


def test_a_limit_below_one_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="max_block_chars is 0"):
        TextFilterSettings(max_block_chars=0)


OWN = TextFilterSettings(
    pronunciations={"nginx": "engine x", "New York": "the Big Apple", "new": "fresh", "C++": "C plus"}
)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Use nginx, NGINX.", "Use engine x, engine x."),
        ("New York is new, New Yorkers", "the Big Apple is fresh, fresh Yorkers"),
        ("renew anew nginxes", "renew anew nginxes"),
        ("C++ and **C++**", "C plus and C plus"),
        ("new", "fresh"),
    ],
)
def test_pronunciations_match_whole_words_wherever_they_are_cut(source: str, expected: str) -> None:
    for place in range(len(source) + 1):
        pieces = pieces_of([source[:place], source[place:]], OWN)
        assert "".join(piece.text for piece in pieces) == expected
    assert pieces_of(list(source), OWN) == pieces_of([source], OWN)


def test_a_plain_word_passes_with_the_character_behind_it() -> None:
    text_filter = TextFilter()
    released = [[piece.text for piece in text_filter.push(char)] for char in "Hi there. I"]
    assert released == [[], [], [], ["Hi "], [], [], [], [], [], [], ["there. "]]


def test_an_opener_that_never_closes_holds_nothing_back() -> None:
    text_filter = TextFilter()
    assert [piece.text for piece in text_filter.push("**Not [closed but")] == ["", "Not ", "", "closed "]


def test_the_pieces_lead_from_what_was_heard_to_the_source() -> None:
    source = "It costs **$5** now."
    pieces = tuple(pieces_of([source]))
    text = "".join(piece.text for piece in pieces)
    sentence = Sentence(text=text, start=0, end=len(source), pieces=pieces)
    assert text == "It costs five dollars now."
    heard = text.index(" now")
    assert source[: sentence.source_end(heard)] in ("It costs **$5", "It costs **$5**")
    assert source[: sentence.source_end(heard - 1)] in ("It costs ", "It costs **")


def test_white_space_at_the_end_of_a_rewritten_piece_is_not_waited_for() -> None:
    pieces = (
        SpeakablePiece(text="salt", start=0, end=4),
        SpeakablePiece(text=" and ", start=4, end=5),
        SpeakablePiece(text="pepper", start=5, end=11),
    )
    sentence = Sentence(text="salt and pepper", start=0, end=11, pieces=pieces)
    assert [sentence.source_end(len(heard)) for heard in ("salt", "salt an", "salt and", "salt and ")] == [4, 4, 5, 5]


def test_a_stalled_stream_releases_a_sentence_but_no_begun_word() -> None:
    text_filter = TextFilter()
    text_filter.push("Let me check.")
    assert [piece.text for piece in text_filter.on_stall()] == ["check."]
    text_filter.push(" It co")
    assert text_filter.on_stall() == []
    assert (
        "".join(piece.text for piece in [*text_filter.push("sts $5."), *text_filter.on_stall()])
        == "costs five dollars."
    )
    assert text_filter.finish() == []


SMALL = TextFilterSettings(max_block_chars=50, max_thinking_chars=80)


@pytest.mark.parametrize(
    ("opener", "kind", "held"),
    [("```\n", "fence", 50), ("~~~\n", "fence", 50), ("<think>", "thinking", 80), ("<script>", "html", 50)],
)
def test_a_block_that_never_closes_is_text_again_and_told(opener: str, kind: str, held: int) -> None:
    source = opener + "word " * 100
    for cuts in ([source], list(source)):
        text_filter = TextFilter(SMALL)
        pieces = [piece for cut in cuts for piece in text_filter.push(cut)]
        assert text_filter.take_events() == [UnclosedBlock(kind=kind, start=0, chars=held)]
        assert text_filter.take_events() == []
        pieces += text_filter.finish()
        assert "".join(piece.text for piece in pieces).split() == ["word"] * 100


def test_the_late_end_of_a_fence_that_was_given_up_opens_no_new_one() -> None:
    source = "```py\n" + "x = y\n" * 20 + "```\nAnd that was the code."
    said = spoken(source, SMALL)
    assert said.endswith("And that was the code.")
    assert "`" not in said


def test_tags_that_the_voice_understands_stay() -> None:
    settings = TextFilterSettings(keep_tags={"break"})
    assert spoken("Wait<break time='1s'/> <b>now</b>", settings) == "Wait<break time='1s'/> now"


def test_a_language_without_words_gets_the_markup_rules_alone() -> None:
    assert speakable("**5 km** & 😀 https://a.io/x", language="auto") == "5 km & https://a.io/x"


def respelt(source: str, text: str, target: str) -> str:
    stage = transliteration(source, target)
    return "".join(piece.text for piece in stage([SpeakablePiece(text=text, start=0, end=len(text))]))


def test_an_indic_script_is_respelt_in_another() -> None:
    assert respelt("hi", "नमस्ते दुनिया।", "te") == "నమస్తే దునియా।"
    assert respelt("bengali", "বাংলা", "devanagari") == "बांला"
    assert respelt("hi", "भारत", "ta") == "பாரத"
    assert respelt("hi", "भारत 5 km", "hi") == "भारत 5 km"


def test_a_script_that_is_not_indic_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"'latin'.*devanagari"):
        transliteration("hi", "latin")


def test_over_long_words_are_parted() -> None:
    pytest.importorskip("pyphen", reason="hyphenation is an optional part: pip install pyphen")
    stage = hyphenation("de", longest=12)
    text = "Die Donaudampfschifffahrtsgesellschaft fährt."
    pieces = stage(pieces_of([text], TextFilterSettings(language="de")))
    said = "".join(piece.text for piece in pieces)
    assert said.replace("-", "") == text
    assert max(map(len, re.split(r"[-\s.]", said))) <= 12
    with pytest.raises(ConfigurationError, match="'tlh'"):
        hyphenation("tlh")
