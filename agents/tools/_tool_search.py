"""Search over many tools: the model is offered one that finds others, and then those that were found."""

from __future__ import annotations

import contextlib
import functools
import json
import re
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

import attrs

from trialogue.agents._full_text import any_of, phrases_of, spaced
from trialogue.agents.tools._tools import tool
from trialogue.agents.tools._toolset import flattened, unique
from trialogue.engine import ConfigurationError, offload

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trialogue.agents.tools._tools import Tool
    from trialogue.agents.tools._toolset import AnyTool

#: Where a name that was written in one word is several: "bookTable".
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

#: How much a word counts in a name, in a description, and among the parameters.
_WEIGHTS: Final = "3.0, 2.0, 1.0"


class ToolSearch:
    """Many tools, of which the model is offered those that it has searched for: `Agent(tools=[ToolSearch(tools)])`.

    It has the tool `find_tools`, which searches names, descriptions and parameters (BM25, by SQLite). What it finds can
    be called in the same answer, and stays on offer until later finds take its place. Make one for each session.

    Args:
        tools: all of them.
        limit: how many one search finds at most.
        keep: how many that were found stay on offer.

    Raises:
        ConfigurationError: two tools have the same name, or `keep` is less than one search may find.
    """

    def __init__(self, tools: Iterable[AnyTool], *, limit: int = 5, keep: int = 15) -> None:
        if not 1 <= limit <= keep:
            raise ConfigurationError(f"a search over tools needs 1 <= limit <= keep, not {limit} and {keep}")
        self._all = unique(flattened(tools))
        self._limit = limit
        self._keep = keep
        self._found: OrderedDict[str, None] = OrderedDict()
        find = tool(
            name="find_tools",
            description=(
                f"There are {len(self._all)} more tools than you see. This finds those that can do something; then "
                f"they can be called."
            ),
        )
        hidden = [
            attrs.evolve(each, offered=functools.partial(self._is_found, each.name)) for each in self._all.values()
        ]
        self.tools: tuple[Tool, ...] = (find(self.find), *hidden)

    async def find(self, query: str) -> list[dict[str, str]] | str:
        """Find tools.

        Args:
            query: what is to be done, in a few words.
        """
        rows = [(name, *_words_of(each)) for name, each in self._all.items()]
        found = await offload(functools.partial(_search, rows, query, self._limit))
        for name in found:
            self._found[name] = None
            self._found.move_to_end(name)
        while len(self._found) > self._keep:
            self._found.popitem(last=False)
        known = [{"name": name, "description": self._all[name].schema.description} for name in found]
        return known or f"no tool has to do with {query!r}; try other words, or say that you cannot do it"

    def _is_found(self, name: str) -> bool:
        return name in self._found


def _words_of(given: Tool) -> tuple[str, str, str]:
    """What is searched: the words of the name, the description, what is said of the parameters."""
    name = spaced(_HUMP.sub(" ", given.name))
    parameters = json.dumps(json.loads(given.schema.parameters), ensure_ascii=False)
    return name, spaced(given.schema.description), spaced(parameters)


def _search(rows: list[tuple[str, str, str, str]], query: str, limit: int) -> list[str]:
    """The names of the rows that fit best. The index is made anew: that takes about as long as asking it."""
    import sqlite3  # here, because most agents search nothing

    wanted = any_of(phrases_of(_HUMP.sub(" ", query)))
    if not wanted:
        return []
    with contextlib.closing(sqlite3.connect(":memory:")) as index:
        index.execute(
            "CREATE VIRTUAL TABLE tools USING fts5(id UNINDEXED, name, description, parameters, "
            "tokenize = 'porter unicode61 remove_diacritics 2')"
        )
        index.executemany("INSERT INTO tools VALUES (?, ?, ?, ?)", rows)
        order = f"bm25(tools, 0.0, {_WEIGHTS}), rowid"
        found = index.execute(f"SELECT id FROM tools WHERE tools MATCH ? ORDER BY {order} LIMIT ?", (wanted, limit))
        return [name for (name,) in found]
