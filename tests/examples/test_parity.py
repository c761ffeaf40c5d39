"""The page on parity leaves no row out, and names only what is there."""

from __future__ import annotations

import importlib
import re
from typing import TYPE_CHECKING, Final

import attrs
import pytest

from tests.examples.programs import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE: Final = ROOT / "docs" / "parity.md"

#: The features of the others, by the document that lists them; what the page says of each is up to the page.
ROWS: Final = ROOT / "tests" / "examples" / "parity_rows.txt"

#: How many there are in each.
COUNTS: Final = {"LiveKit Agents": 63, "VideoSDK Agents, first part": 36, "VideoSDK Agents, second part": 26}

LAYERS: Final = ("frames", "engine", "actors", "providers", "transports", "agents", "cli")


@attrs.frozen(kw_only=True)
class Row:
    """A row of the page."""

    section: str
    feature: str
    state: str
    where: str
    tests: str


def _page_rows() -> Iterator[Row]:
    section = ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            section = line.removeprefix("## ")
        elif line.startswith("| ") and not line.startswith("| Feature "):
            feature, state, where, tests = (cell.strip() for cell in line.strip("|").split("|"))
            yield Row(section=section, feature=feature, state=state, where=where, tests=tests)


def _listed_rows() -> Iterator[tuple[str, str]]:
    section = ""
    for line in ROWS.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        else:
            yield section, line


PAGE_ROWS: Final = list(_page_rows())
every_row = pytest.mark.parametrize("row", PAGE_ROWS, ids=lambda row: f"{row.section}: {row.feature}")


def _quoted(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def _is_name(quoted: str) -> bool:
    return quoted.split(".")[0] in LAYERS and "/" not in quoted


def _exists(name: str) -> bool:
    """Whether a dotted name, from its package on, is public; of a class also a method, field or property."""
    parts = name.split(".")
    depth = 2 if (ROOT.joinpath(*parts[:2]) / "__init__.py").exists() and len(parts) > 2 else 1
    found: object = importlib.import_module(".".join(("trialogue", *parts[:depth])))
    for part in parts[depth:]:
        found = getattr(found, part, None)
    return found is not None


def _has_test(reference: str) -> bool:
    """Whether there is such a test: `tests/a/test_b.py`, or one of its functions behind `::`."""
    path, _, name = reference.partition("::")
    if not (path.startswith("tests/") and (ROOT / path).is_file()):
        return False
    return (
        re.search(rf"^(async )?def {name or 'test_.*'}\(", (ROOT / path).read_text("utf-8"), re.MULTILINE) is not None
    )


def test_no_row_is_missing_and_none_is_made_up() -> None:
    assert [(row.section, row.feature) for row in PAGE_ROWS] == list(_listed_rows())


def test_each_document_has_as_many_rows_as_it_should() -> None:
    assert {section: sum(row.section == section for row in PAGE_ROWS) for section in COUNTS} == COUNTS


@every_row
def test_a_row_says_what_its_state_asks_for(row: Row) -> None:
    assert row.state in {"done", "different", "not yet"}
    if row.state == "done":
        assert any(_is_name(quoted) for quoted in _quoted(row.where)), "what is done has a place"
        assert row.tests, "what is done has a test"
    assert row.where, "what is different has a reason, and of what is not yet is told what there is"


@every_row
def test_a_row_names_only_what_is_there(row: Row) -> None:
    for quoted in _quoted(row.where):
        if _is_name(quoted):
            assert _exists(quoted), f"there is no trialogue.{quoted}"
        elif "/" in quoted:
            assert (ROOT / quoted).is_file(), f"there is no {quoted}"
    for reference in _quoted(row.tests):
        assert _has_test(reference), f"there is no {reference}"


def test_a_name_that_is_not_there_is_found_out() -> None:
    assert _exists("agents.Session.say")
    assert _exists("agents.telemetry.MEASURES")
    assert not _exists("agents.Session.sing")
    assert not _exists("agents.Orchestra")
    assert _has_test("tests/examples/test_parity.py::test_a_name_that_is_not_there_is_found_out")
    assert not _has_test("tests/examples/test_parity.py::test_of_nothing")
    assert not _has_test("tests/examples/test_of_nothing.py")
