"""What patterns of the text path must not be made of."""

from __future__ import annotations

import re
from pathlib import Path

ACTORS = Path(__file__).resolve().parents[2] / "actors"


def test_no_group_is_repeated_possessively() -> None:
    """Early releases of Python 3.11 lose their place behind such a group: "." matched to before its beginning."""
    possessive = re.compile(r"(?<!\\)\)(?:[*+?]|\{+\d[\d,]*\}+)\+")
    assert possessive.search("(?:a|b)*+")
    sources = [path for path in ACTORS.rglob("*.py") if "turn" not in path.parts]
    assert len(sources) > 50
    assert not [
        f"{path.name}: {found[0]}" for path in sources for found in possessive.finditer(path.read_text("utf-8"))
    ]
