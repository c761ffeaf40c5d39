"""What the filter holds back, and what it costs, are bounded for any source."""

from __future__ import annotations

import pytest

from trialogue.actors import TextFilter, TextFilterSettings, speakable

SETTINGS = TextFilterSettings(max_block_chars=1000, max_thinking_chars=1000)
LONGEST_HOLD = 1100
"""Characters: the longest construct, an address of a link, and a block that is given up at 1000."""

MONSTERS = (
    "a", "1", " ", "*", "_", "`", "~", "=", "-", "#", ">", "<", "[", "]", "(", ")", "|", "!", "&", "\\", "$",
    "😀", "\u200d", ",", "- ", "* ", "[a", "](", "<a ", "<a b=", "&amp", "![", "1 ", "1,", "1-", "$1 ", "(1",
    "May ", "5 km/h", "(laughs ", "[1,", "| ", "```\n", "<think>", "<!--", "www.", "http://a", "a.b", "a@",
    "a'", "n", "\n", "\n- ", "\n|", "\n```x\n", "漢", "ก", "`a",
)  # fmt: skip


@pytest.mark.parametrize("monster", MONSTERS)
def test_no_text_is_held_back_for_long(monster: str) -> None:
    text_filter = TextFilter(SETTINGS)
    source = monster * (6000 // len(monster))
    covered = 0
    for index in range(0, len(source), 5):
        for piece in text_filter.push(source[index : index + 5]):
            assert piece.start == covered
            covered = piece.end
        # Text that is taken out is covered with the next piece of text, so only what is spoken can be asked for here.
        assert text_filter.held_chars() <= LONGEST_HOLD
    ends = [piece.end for piece in text_filter.finish()]
    assert [covered, *ends][-1] == len(source)


@pytest.mark.parametrize("monster", MONSTERS)
def test_the_laws_hold_where_bounds_are_reached(monster: str) -> None:
    source = monster * (1500 // len(monster))
    whole = TextFilter()
    pieces = whole.push(source) + whole.finish()
    by_char = TextFilter()
    assert [piece for char in source for piece in by_char.push(char)] + by_char.finish() == pieces
    spoken = "".join(piece.text for piece in pieces)
    assert speakable(spoken) == spoken
