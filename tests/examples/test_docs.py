"""Every block of Python in the docs runs, and prints what its page says; every local link leads somewhere."""

from __future__ import annotations

import importlib
import inspect
import re
import runpy
import sys
import types
from typing import TYPE_CHECKING

import pytest

from tests.examples.pages import ROOT, anchors, blocks, links, pages
from trialogue.cli import main

if TYPE_CHECKING:
    from pathlib import Path

PAGES = pages()


@pytest.mark.integration
@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=lambda page: page.stem)
def test_the_code_of_a_page_runs(
    page: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The blocks of a page run one after another in one module: a page tells one story."""
    monkeypatch.chdir(ROOT)
    module = types.ModuleType("page")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    for block in blocks(page):
        code = compile("\n" * block.line + block.source, str(page), "exec")
        exec(code, module.__dict__)
        printed = capsys.readouterr().out
        if block.prints is not None:
            assert printed == block.prints, f"{page}:{block.line}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_local_links_lead_somewhere(page: Path) -> None:
    for target, anchor in links(page):
        assert target.exists(), f"{page} links to {target}"
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), f"{page} links to #{anchor} of {target}"


def test_every_page_is_reached_from_the_index() -> None:
    reached, waiting = set(), [ROOT / "docs" / "index.md"]
    while waiting:
        page = waiting.pop()
        if page not in reached and page.suffix == ".md":
            reached.add(page)
            waiting += [target for target, _ in links(page)]
    assert not set(PAGES) - reached - {ROOT / "README.md"}


def test_the_readme_shows_the_shortest_agent_as_it_is() -> None:
    example = (ROOT / "examples" / "hello.py").read_text(encoding="utf-8")
    assert any(block.source == example for block in blocks(ROOT / "README.md"))


def test_the_reference_is_what_the_docstrings_say() -> None:
    """If this fails, run `python docs/make_reference.py`."""
    maker = runpy.run_path(str(ROOT / "docs" / "make_reference.py"))
    made = maker["make_pages"]()
    written = {path.name: path.read_text(encoding="utf-8") for path in maker["PAGES"].glob("*.md")}
    assert made.keys() == written.keys()
    for name, text in made.items():
        assert written[name] == text, f"{name} is stale: run `python docs/make_reference.py`"


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "reference").glob("*.md")), ids=lambda page: page.stem)
def test_the_reference_has_every_public_name_and_no_other(page: Path) -> None:
    package = importlib.import_module(f"trialogue.{page.stem}")
    public = {name for name, value in vars(package).items() if not name.startswith("_") and not inspect.ismodule(value)}
    assert set(re.findall(r"^## (\S+)$", page.read_text(encoding="utf-8"), re.MULTILINE)) == public


def test_the_readme_shows_the_numbers_that_were_measured() -> None:
    """If this fails, run `python docs/make_numbers.py < /dev/null`."""
    maker = runpy.run_path(str(ROOT / "docs" / "make_numbers.py"))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert maker["with_table"](readme, maker["make_table"]()) == readme


def test_a_figure_that_was_not_measured_has_no_row() -> None:
    maker = runpy.run_path(str(ROOT / "docs" / "make_numbers.py"))
    lines = maker["read_lines"](
        ["made up 3 µs", "{'bench': 'S1'}", '{"bench": "S1", "callers": 4, "a": 6.54, "b": 7.1}\n']
    )
    row = {"ours": {"bench": "S1"}, "figures": ["a", "b"]}
    assert maker["_ours"](row, lines) == "6.5 / 7.1"
    assert maker["_ours"]({**row, "ours": {"bench": "S4"}}, lines) == ""


def test_the_options_that_the_page_names_exist(capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "docs" / "how-to" / "talk-to-a-recording.md").read_text(encoding="utf-8")
    with pytest.raises(SystemExit):
        main(["talk", "--help"])
    named = set(re.findall(r"--[a-z][a-z-]+", page))
    assert named <= set(re.findall(r"--[a-z][a-z-]+", capsys.readouterr().out))
    assert "--realtime" in named


def test_no_page_names_a_place_on_somebodys_machine() -> None:
    for page in PAGES:
        assert not re.search(r"(?<![\w.])/(home|root|work|tmp|Users)/", page.read_text(encoding="utf-8")), page
