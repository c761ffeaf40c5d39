"""Reading the documentation: its pages, their code and their links."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[2]

#: Pages with tests of their own, beside what they are about.
_TESTED_ELSEWHERE: Final = ("docs/text", "docs/providers")

_FENCE: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK: Final = re.compile(r"(?<!\!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)|(?:src|href|srcset)=\"([^\"]+)\"")
_HEADING: Final = re.compile(r"^#+ (.+)$", re.MULTILINE)


@attrs.frozen
class Block:
    """A block of Python on a page, and what the page says that it prints (None: the page says nothing)."""

    line: int
    source: str
    prints: str | None


def pages() -> list[Path]:
    """All pages whose code runs here, the README first."""
    docs = sorted(path for path in (ROOT / "docs").rglob("*.md") if not _is_tested_elsewhere(path))
    return [ROOT / "README.md", *docs]


def _is_tested_elsewhere(path: Path) -> bool:
    return path.relative_to(ROOT).as_posix().startswith(_TESTED_ELSEWHERE)


def blocks(page: Path) -> list[Block]:
    """The `python` blocks of a page; an `output` block directly after one is what it prints."""
    text = page.read_text(encoding="utf-8")
    found: list[Block] = []
    for fence in _FENCE.finditer(text):
        if fence[1] == "python":
            line = text.count("\n", 0, fence.start()) + 1
            found.append(Block(line=line, source=fence[2], prints=None))
        elif fence[1] == "output":
            found[-1] = attrs.evolve(found[-1], prints=fence[2])
    return found


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """The local links of a page: the file that each one names, and the anchor in it, or nothing."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    for groups in _LINK.findall(text):
        target = next(filter(None, groups))
        if not re.match(r"[a-z]+:", target):
            path, _, anchor = target.partition("#")
            yield (page.parent / path).resolve() if path else page, anchor


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in _HEADING.findall(text)}
