"""Knowledge: what is found in local files, and what becomes of a retriever that is late or fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import hypothesis
import hypothesis.strategies as st
import pytest
import trio

from trialogue.agents import Knowledge, Passage, open_text_search
from trialogue.engine import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from trio.testing import MockClock

MENU = """Our soups: tomato soup, five euros.

The chef's café crème is made with oat milk,
if you wish.


Opening hours: we are open from noon to ten, closed on Mondays.
"""


@pytest.fixture
def menu(tmp_path: Path) -> Path:
    """A file to search."""
    file = tmp_path / "menu.txt"
    file.write_text(MENU, encoding="utf-8")
    return file


async def test_the_paragraph_that_fits_best_comes_first_with_its_place(menu: Path) -> None:
    with open_text_search([menu]) as search:
        found = await search.retrieve("When are you open on mondays?", 2)
        assert [(passage.source, passage.text[:13]) for passage in found] == [("menu.txt:7", "Opening hours")]
        (coffee,) = await search.retrieve("a CAFE with OAT milk", 1)
        assert coffee.source == "menu.txt:3"
        assert coffee.text.endswith("if you wish.")
        assert await search.retrieve("what is the", 3) == ()


@pytest.mark.parametrize(
    ("query", "source"),
    [
        ("游泳池什么时候开放？", "pool"),
        ("可以带狗吗", "dogs"),
        ("プールは何時からですか", "プール"),
        ("狗", "dogs"),
        ("wifi密码是什么", "wifi"),
    ],
)
async def test_words_are_found_where_no_space_is_between_them(query: str, source: str) -> None:
    texts = [
        Passage(text="游泳池七点到九点开放，星期天十点开放。", source="pool"),
        Passage(text="花园里可以带狗，餐厅里不可以。", source="dogs"),
        Passage(text="プールは七時から九時までです。", source="プール"),
        Passage(text="WiFi密码在房间的桌子上。", source="wifi"),
    ]
    with open_text_search(texts=texts) as search:
        (best,) = await search.retrieve(query, 1)
    assert best in [attrs.evolve(each, score=best.score) for each in texts if each.source == source]


async def test_what_was_found_is_put_before_the_model(menu: Path) -> None:
    with open_text_search([menu]) as search:
        knowledge = Knowledge(search)
        told = await knowledge.look_up("how much is the tomato soup")
        assert told.splitlines()[1] == "- Our soups: tomato soup, five euros. [menu.txt:1]"
        assert await knowledge.look_up("who are you") == ""
        assert await knowledge.look_up("bicycles") == ""


async def test_each_step_can_be_changed(menu: Path) -> None:
    class Ours(Knowledge):
        def should_retrieve(self, text: str) -> bool:
            return "please" in text

        def rewrite(self, text: str) -> str:
            return "soups"

        def format(self, passages: Sequence[Passage]) -> str:
            return passages[0].source

    with open_text_search([menu]) as search:
        assert await Ours(search).look_up("anything please") == "menu.txt:1"
        assert await Ours(search).look_up("tomato") == ""


class Late:
    """Finds something, too late."""

    async def retrieve(self, query: str, limit: int) -> Sequence[Passage]:
        await trio.sleep(1)
        return [Passage(text=query, source=str(limit))]


class Broken:
    """Fails."""

    async def retrieve(self, query: str, limit: int) -> Sequence[Passage]:
        await trio.lowlevel.checkpoint()
        raise OSError("no index")


async def test_a_retriever_that_is_late_or_fails_costs_no_more_than_its_deadline(
    autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    assert await Knowledge(Late(), deadline_s=0.25).look_up("soup") == ""
    assert trio.current_time() == pytest.approx(autojump_clock.current_time())
    assert "has found nothing within 0.25 s" in caplog.text
    assert await Knowledge(Broken()).look_up("soup") == ""
    assert "no index" in caplog.text
    assert "[3]" in await Knowledge(Late(), deadline_s=2).look_up("soup")


@hypothesis.given(st.text(max_size=40))
async def test_nothing_that_a_user_says_breaks_the_search(text: str) -> None:
    with open_text_search(texts=[Passage(text='near AND far (or not) "quoted" *', source="a")]) as search:
        assert len(await search.retrieve(text, 3)) <= 1


def test_what_cannot_be_searched_is_told(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name in ("binary", "missing"):
        with pytest.raises(ConfigurationError, match=f"{name} cannot be searched"), open_text_search([tmp_path / name]):
            pass
    with open_text_search() as search, pytest.raises(ConfigurationError, match="limit >= 1"):
        Knowledge(search, limit=0)
