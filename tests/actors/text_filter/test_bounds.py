"""What the filter holds back, and what it costs, are bounded for any source."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from trialogue.actors import TextFilter, TextFilterSettings, speakable
from trialogue.actors.text_filter._figures import figures_of
from trialogue.actors.text_filter._reading import MAX_ATOM_CHARS

if TYPE_CHECKING:
    from types import FrameType

SETTINGS = TextFilterSettings(max_block_chars=1000, max_thinking_chars=1000)
SHORT_BLOCKS = TextFilterSettings(max_block_chars=100, max_thinking_chars=100)
LONGEST_HOLD = 1100
"""Characters: the longest construct, an address of a link, and a block that is given up at 1000."""

MONSTERS = (
    "a", "1", " ", "*", "_", "`", "~", "=", "-", "#", ">", "<", "[", "]", "(", ")", "|", "!", "&", "\\", "$",
    "😀", "\u200d", ",", "- ", "* ", "[a", "](", "<a ", "<a b=", "&amp", "![", "1 ", "1,", "1-", "$1 ", "(1",
    "May ", "5 km/h", "(laughs ", "[1,", "| ", "```\n", "<think>", "<!--", "www.", "http://a", "a.b", "a@",
    "$x", "$x^", "$$", "$$a", "\\(", "\\[x", ":)", ":-", " :-)", "x²", "²", "#a", "@a", "'9", " '90s", ".5", ". 5",
    "No. ", "1 apple ",
    "1 a", "5 * y ", "6'2", "3h ", "0", "12:", "5 - ", "<|", "9 a.m. ", "∞", "&", "a & ", "=", "5=", "\u0301",
    "a\u0301",
    "a'", "n", "\n", "\n- ", "\n|", "\n```x\n", "漢", "ก", "`a",
)  # fmt: skip


@pytest.mark.parametrize("begun", ["5 * y", "5 km", "6 ft in", "May 5"])
@pytest.mark.parametrize("mark", [".", "–", ",:", "-"])
def test_no_marks_behind_the_last_word_of_a_figure_are_held_back_for_long(begun: str, mark: str) -> None:
    text_filter = TextFilter()
    held = []
    for char in begun + mark * LONGEST_HOLD:
        text_filter.push(char)
        held.append(text_filter.held_chars())
    assert max(held) <= MAX_ATOM_CHARS


@pytest.mark.parametrize("monster", MONSTERS)
def test_no_text_is_held_back_for_long(monster: str) -> None:
    text_filter = TextFilter(SETTINGS)
    source = monster * (3000 // len(monster))
    covered = 0
    for index in range(0, len(source), 5):
        for piece in text_filter.push(source[index : index + 5]):
            assert piece.start == covered
            covered = piece.end
        # Text that is taken out is covered with the next piece of text, so only what is spoken can be asked for here.
        assert text_filter.held_chars() <= LONGEST_HOLD
    ends = [piece.end for piece in text_filter.finish()]
    assert [covered, *ends][-1] == len(source)


def calls_for(source: str) -> int:
    """How many functions are called to filter the source in tokens of four characters."""
    text_filter, calls = TextFilter(SHORT_BLOCKS), 0

    def count(_: FrameType, event: str, __: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    profiler = sys.getprofile()
    sys.setprofile(count)
    try:
        for index in range(0, len(source), 4):
            text_filter.push(source[index : index + 4])
        text_filter.finish()
    finally:
        sys.setprofile(profiler)
    return calls


@pytest.mark.parametrize("monster", MONSTERS)
def test_the_work_for_a_character_does_not_grow_with_the_text(monster: str) -> None:
    """Counted in calls, which no load of the machine changes; each works on a bounded stretch of text."""
    short, long = (monster * (size // len(monster)) for size in (900, 2_700))
    assert calls_for(long) / len(long) <= 1.2 * calls_for(short) / len(short) + 0.1


@pytest.mark.parametrize("monster", MONSTERS)
def test_the_laws_hold_where_bounds_are_reached(monster: str) -> None:
    source = monster * (1500 // len(monster))
    whole = TextFilter()
    pieces = whole.push(source) + whole.finish()
    by_char = TextFilter()
    assert [piece for char in source for piece in by_char.push(char)] + by_char.finish() == pieces
    spoken = "".join(piece.text for piece in pieces)
    assert speakable(spoken) == spoken


def test_how_figures_are_read_is_remembered_but_for_numbers_of_persons() -> None:
    figures = figures_of("en", frozenset())
    assert figures is not None
    speakable("At 7:41 pm.")
    before = figures._remembered.cache_info()
    assert speakable("At 7:41 pm, call 555-0174 or pay with 4111 1111 1111 1111.").startswith("At seven forty-one PM")
    after = figures._remembered.cache_info()
    assert (after.hits, after.currsize) == (before.hits + 1, before.currsize)
