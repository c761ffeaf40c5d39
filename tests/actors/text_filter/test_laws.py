"""The public laws of the text filter, for any text and any way of cutting it."""

from __future__ import annotations

import string
from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from trialogue.actors import TextFilter, TextFilterSettings, speakable
from trialogue.frames import SpeakablePiece

FRAGMENTS = (
    "*", "**", "***", "_", "__", "~", "~~", "=", "==", "`", "```", "~~~", "#", "## ", "- ", "+ ", "> ", "|", "| ",
    "---", "\n", "\n\n", " ", "  ", "[", "]", "(", ")", "](", "![", "<", ">", "<b>", "</b>", "<br>", "<think>",
    "</think>", "<!--", "-->", "<x y", "&amp;", "&lt;", "&#42;", "&", ";", "\\", "\\*", "!", "?", ".", ",", ":",
    "a", "b", "Word", "word ", "laughs", "*laughs*", "(sighs)", "[1]", "[^n]", "[x] ", "[ref]: ", "【4†s】",
    "http://", "www.", "example.com", "joe@a.org", "C#", "snake_case", "2 * 3", "5 - 3", "1", "23", "$", "€", "%",
    "-", "–", "'", "’", "\"", "😀", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "1️⃣", "\u200b", "\u200d", "é",
    "ß", "你好。", "สวัสดี", "नमस्ते", "مرحبا", "\t", "\r\n", "=5", "^", "/", "@", "+", "0", " 5", "May ", "Mai",
    "de mayo", "km", " kg", "3. ", ":30", " pm", "p.m.", " Uhr", " million", "1st", "1/2", "(555) ", "123-4567",
    "USD ", "EUR", ", 2024", "2024-05-03", "1,234", "1.234", "°C", "AT&T", "→", "15h30", "x<2", "~5", "Mio.", "am ",
    "the ",
)  # fmt: skip
MARKUP = st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=3)), max_size=25).map("".join)
SETTINGS = TextFilterSettings(max_block_chars=20, max_thinking_chars=20)


def filtered(cuts: list[str], chosen: TextFilterSettings | None = None) -> list[SpeakablePiece]:
    text_filter = TextFilter(chosen)
    return [piece for cut in cuts for piece in text_filter.push(cut)] + text_filter.finish()


def cut(source: str, places: set[int]) -> list[str]:
    borders = [0, *sorted(place for place in places if place < len(source)), len(source)]
    return [source[start:end] for start, end in pairwise(borders)]


@given(MARKUP, st.sets(st.integers(1, 60)))
@example("![img](a.png) x", set())
@example("'چ->$0", set())
@example("3 (55)E", set())
def test_every_way_of_cutting_gives_the_same_pieces(source: str, places: set[int]) -> None:
    whole = filtered([source])
    assert filtered(list(source)) == whole
    assert filtered(cut(source, places)) == whole


LANGUAGES = st.sampled_from(["de", "es", "fr", "hi", "it", "nl", "pl", "pt", "ru", "tr", "auto"])


@given(MARKUP, LANGUAGES)
@example("9(sighs)", "hi")
@example("http://>(sighs)5", "pl")
@example("9[x] h", "hi")
def test_the_laws_hold_in_every_language(source: str, language: str) -> None:
    chosen = TextFilterSettings(language=language)
    whole = filtered([source], chosen)
    assert filtered(list(source), chosen) == whole
    once = "".join(piece.text for piece in whole)
    assert speakable(once, language=language) == once


@given(MARKUP, st.sets(st.integers(1, 60)))
def test_every_way_of_cutting_gives_the_same_pieces_when_blocks_expire(source: str, places: set[int]) -> None:
    whole = filtered([source], SETTINGS)
    assert filtered(list(source), SETTINGS) == whole
    assert filtered(cut(source, places), SETTINGS) == whole


@given(MARKUP)
def test_the_spans_cover_the_source_in_order(source: str) -> None:
    covered = 0
    for piece in filtered([source]):
        assert piece.start == covered <= piece.end
        covered = piece.end
    assert covered == len(source)


@given(MARKUP)
@example("3 k,2")
@example("(55) 2")
@example("= |")
@example(">0")
@example("n<2")
@example("b[x] </think>’")
@example("1<(55)u")
@example("چ->$0")
@example("9:^http://")
@example("2 * 3&")
@example("+②")
@example("(sighs)*")
@example("5️⃣")
@example("·&")
@example("www.⅛")
@example("http://USD 2 * 3")
@example("4/5 - 3")
@example("5 - 3%")
@example("&1")
@example("http://<5")
@example("k, 3 k,2")
@example("0USD °")
def test_filtering_twice_changes_nothing(source: str) -> None:
    once = speakable(source)
    assert speakable(once) == once


@given(st.text(string.ascii_letters + " .,?!'"))
def test_plain_prose_is_untouched(prose: str) -> None:
    assert speakable(prose) == prose
    assert all(piece.text == prose[piece.start : piece.end] for piece in filtered([prose]))


@given(MARKUP)
@settings(max_examples=50)
def test_the_whole_text_function_is_the_stream(source: str) -> None:
    assert speakable(source) == "".join(piece.text for piece in filtered(list(source)))
