"""The filter and the sentence chunker behind it: the offset maps compose."""

from __future__ import annotations

import runpy
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.actors.text_filter.laws import everything_is_said, maps_compose, no_turn_is_swallowed, settings_of
from tests.actors.text_filter.test_laws import MARKUP, TAGS

DOCS = Path(__file__).parents[3] / "docs" / "text"
PROSE = st.sampled_from(
    [
        "Dr. Smith pays **$5.50**.",
        " It's 3:30 pm. ",
        "See [here](https://a.io). ",
        "Ok 😀! ",
        "\n- one\n- two\n",
        "`a.b` is 5 km. ",
    ]
)
REPLY = st.lists(st.one_of(PROSE, PROSE, MARKUP), max_size=6).map("".join)


@given(REPLY, st.sets(st.integers(1, 150)), TAGS)
def test_the_offset_maps_compose_for_every_way_of_cutting(source: str, places: set[int], language: str) -> None:
    maps_compose(source, places, settings_of(language))


@given(REPLY, TAGS)
def test_everything_that_the_filter_says_reaches_the_voice(source: str, language: str) -> None:
    everything_is_said(source, settings_of(language))


@given(REPLY, TAGS)
def test_no_turn_is_swallowed(source: str, language: str) -> None:
    no_turn_is_swallowed(source, settings_of(language))


def test_the_page_shows_what_the_code_does() -> None:
    """The chunks are the chunker's own affair, so only source and speech are compared."""
    page = str(runpy.run_path(str(DOCS / "side_by_side.py"))["page"]())
    shown = (DOCS / "side-by-side.md").read_text(encoding="utf-8")
    told, now = ([row.split(" | ")[:3] for row in text.splitlines()] for text in (shown, page))
    assert told == now, "run `python docs/text/side_by_side.py`"
