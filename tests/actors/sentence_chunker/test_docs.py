"""The page says what the code does."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

from trialogue.actors import split_sentences

DOCS = Path(__file__).parents[3] / "docs" / "text"


def block(name: str) -> str:
    page = (DOCS / "chunker.md").read_text(encoding="utf-8")
    found = re.search(f"<!-- begin {name} -->\n(.*?)<!-- end {name} -->", page, re.DOTALL)
    assert found is not None
    return found[1].strip()


def test_generated_parts_are_up_to_date() -> None:
    """If this fails, run `python docs/text/make_chunker_page.py`."""
    made = runpy.run_path(str(DOCS / "make_chunker_page.py"))
    assert block("examples") == made["examples"]()
    assert block("failing") == made["failing"]()


def test_the_table_has_our_numbers() -> None:
    """The column of the language told: every rule of the sets that need no cleaner."""
    row = next(line for line in block("table").splitlines() if line.startswith("| all |"))
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[1] == cells[2]


def test_first_example_of_the_page() -> None:
    """The code at the top of the page runs, and gives what it says."""
    page = (DOCS / "chunker.md").read_text(encoding="utf-8")
    source = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert source is not None
    said: list[tuple[object, ...]] = []
    exec(source[1], {"print": lambda *words: said.append(words)})
    assert [words[2] for words in said] == ["Sure, let me check.", "Dr. Smith is in on Tuesday.", "Shall I book?"]
    promised = re.search(r'(split_sentences\("He.*?\))  # (\[.*\])', page)
    assert promised is not None
    assert str(split_sentences(promised[1].split('"')[1])) == promised[2]
