"""Knowledge: passages that bear on what the user has said, put before the model. Bring your own retriever, or search
local text files with the one that comes along.
"""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Generator, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import trio

from trialogue.agents._full_text import any_of, phrases_of, spaced
from trialogue.engine import ConfigurationError, offload
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    import sqlite3

_log = logging.getLogger(__name__)

#: Between one paragraph and the next.
_BLANK_LINE: Final = re.compile(r"\n\s*\n")

#: Queries are sentences: these say nothing of their subject, and would be found in every passage.
_STOP_WORDS: Final = frozenset(
    "a an and are as at be by can could do does for from have how i in is it me my of on or our please tell that the "
    "there this to us was we what when where which who why will with would you your "
    "der die das ein eine und ist sind im in den dem mit für von wie was wann wo wer kann ich mir sie es "
    "el la los las un una y es son en de con para por que cómo qué cuándo dónde quién".split()
)


@frozen(kw_only=True)
class Passage:
    """A stretch of text that was found.

    Args:
        text: what it says.
        source: where it stands, such as "menu.txt:12"; for citing.
        score: how well it fits; higher is better, and only to be compared within one search.
    """

    text: str
    source: str
    score: float = 0.0


class Retriever(Protocol):
    """Finds passages."""

    async def retrieve(self, query: str, limit: int) -> Sequence[Passage]:
        """The passages that fit best, the best first.

        Args:
            query: words.
            limit: how many at most.
        """


class Knowledge:
    """Looks up what bears on the user's words, in time or not at all. Derive from it to change a step.

    Args:
        retriever: finds passages.
        limit: how many passages the model is told at most.
        deadline_s: so long a search may take, seconds; then the answer does without it.
    """

    def __init__(self, retriever: Retriever, *, limit: int = 3, deadline_s: float = 0.4) -> None:
        if limit < 1 or deadline_s <= 0:
            raise ConfigurationError(f"knowledge needs limit >= 1 and deadline_s > 0, not {limit} and {deadline_s}")
        self._retriever = retriever
        self._limit = limit
        self._deadline_s = deadline_s

    def should_retrieve(self, text: str) -> bool:
        """Whether it is worth a search; by default where there is a word that says something of a subject."""
        return any(_subjects(text))

    def rewrite(self, text: str) -> str:
        """What to search for; by default what was said."""
        return text

    def format(self, passages: Sequence[Passage]) -> str:
        """What the model is told."""
        lines = (f"- {passage.text.strip()} [{passage.source}]" for passage in passages)
        return "\n".join(("What is known about it (answer from this, and say so where it does not tell):", *lines))

    async def look_up(self, text: str) -> str:
        """What the model should know to answer this; empty if nothing was found, in time.

        A retriever that fails is told of in the log; the conversation goes on.
        """
        if not self.should_retrieve(text):
            return ""
        passages: Sequence[Passage] = ()
        with trio.move_on_after(self._deadline_s) as waiting:
            try:
                passages = await self._retriever.retrieve(self.rewrite(text), self._limit)
            except Exception:  # noqa: BLE001  # a supervisor: the answer does without
                _log.warning("the retriever failed", exc_info=True)
        if waiting.cancelled_caught:
            _log.warning("the retriever has found nothing within %g s", self._deadline_s)
        return self.format(passages) if passages else ""


class TextSearch:
    """Searches paragraphs by their words, ranked by BM25, in an index of SQLite (FTS5) in memory.

    Accents and case make no difference; in Chinese and Japanese pairs of characters are what is looked for. Made by
    `open_text_search`.
    """

    def __init__(self, index: sqlite3.Connection) -> None:
        self._index = index
        self._one_at_a_time = trio.Lock()

    async def retrieve(self, query: str, limit: int) -> Sequence[Passage]:
        """The paragraphs in which the query's words are, the best first; see Retriever."""
        wanted = any_of(_subjects(query))
        if not wanted:
            return ()
        async with self._one_at_a_time:
            return await offload(self._search, wanted, limit)

    def _search(self, wanted: str, limit: int) -> list[Passage]:
        rows = self._index.execute(
            "SELECT text, source, -bm25(passages) FROM passages WHERE passages MATCH ? "
            "ORDER BY bm25(passages), rowid LIMIT ?",
            (wanted, limit),
        )
        return [Passage(text=text, source=source, score=score) for text, source, score in rows]


@contextlib.contextmanager
def open_text_search(
    files: Iterable[Path | str] = (), texts: Iterable[Passage] = ()
) -> Generator[TextSearch, None, None]:
    """An index of text files and of texts that are there already; their scores are of no matter.

    Args:
        files: UTF-8 text or Markdown; each paragraph is a passage.
        texts: passages.

    Raises:
        ConfigurationError: a file cannot be read, or is no text.
    """
    import sqlite3  # here, because most agents search nothing

    # Searches run in threads, one at a time.
    with contextlib.closing(sqlite3.connect(":memory:", check_same_thread=False)) as index:
        index.execute(
            "CREATE VIRTUAL TABLE passages "
            "USING fts5(words, text UNINDEXED, source UNINDEXED, tokenize = 'unicode61 remove_diacritics 2')"
        )
        passages = [*texts, *(passage for file in files for passage in _paragraphs(Path(file)))]
        rows = [(spaced(each.text), each.text, each.source) for each in passages]
        index.executemany("INSERT INTO passages VALUES (?, ?, ?)", rows)
        yield TextSearch(index)


def _paragraphs(file: Path) -> list[Passage]:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file} cannot be searched: {error}; give UTF-8 text files") from error
    found: list[Passage] = []
    line = 1
    for paragraph in re.split(rf"({_BLANK_LINE.pattern})", text):
        lead = len(paragraph) - len(paragraph.lstrip("\n"))
        if paragraph.strip():
            found.append(Passage(text=paragraph.strip(), source=f"{file.name}:{line + lead}"))
        line += paragraph.count("\n")
    return found


def _subjects(text: str) -> list[str]:
    """What is worth a search."""
    return [phrase for phrase in phrases_of(text) if phrase not in _STOP_WORDS]
