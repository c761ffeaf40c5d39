"""Which menus were heard before on the way through a telephone's menus, and when that has become a circle. Pure."""

from __future__ import annotations

import re
from collections import deque
from difflib import SequenceMatcher
from typing import Final

from trialogue.engine import ConfigurationError
from trialogue.frames._attrs import define, frozen

_WORD: Final = re.compile(r"\w+")


@frozen(kw_only=True)
class MenuSettings:
    """When somebody is lost in a menu.

    Args:
        similarity: from this on two menus are the same, 0 to 1: a recogniser never writes the same twice.
        window: so many of the last menus are remembered.
        most_times: heard so often, a menu is left for good: there is no way on.
        most_menus: so many are heard in all, at most.
    """

    similarity: float = 0.85
    window: int = 20
    most_times: int = 4
    most_menus: int = 40

    def __attrs_post_init__(self) -> None:
        if not (0 < self.similarity <= 1 and self.window >= 1 and self.most_times >= 2 and self.most_menus >= 1):
            raise ConfigurationError(
                f"a menu needs 0 < similarity <= 1, window >= 1, most_times >= 2 and most_menus >= 1, not "
                f"{self.similarity}, {self.window}, {self.most_times} and {self.most_menus}"
            )


@frozen(kw_only=True)
class MenuHeard:
    """A menu was heard.

    Args:
        text: what it said.
        times: how often by now, this time included.
        pressed: what was pressed after it the times before, in order; empty for nothing.
        is_lost: whether there is no sense in going on.
    """

    text: str
    times: int
    pressed: tuple[str, ...]
    is_lost: bool


@define(eq=False)
class _Menu:
    text: str
    words: list[str]
    pressed: str = ""


class MenuMemory:
    """Remembers the menus of one call. Use: `hear` for each that was heard, `press` for what is pressed after it.

    Args:
        settings: what counts as the same, and when it is too much.
    """

    def __init__(self, settings: MenuSettings | None = None) -> None:
        self._settings = settings or MenuSettings()
        self._menus: deque[_Menu] = deque(maxlen=self._settings.window)
        self._heard = 0

    def hear(self, text: str) -> MenuHeard:
        """A menu was heard, or more of the one before: its text begins with that one's, and nothing was pressed."""
        last = self._menus[-1] if self._menus else None
        if last is not None and not last.pressed and text != last.text and text.startswith(last.text):
            self._menus.pop()
            self._heard -= 1
        words = _WORD.findall(text.lower())
        same = [menu for menu in self._menus if self._is_same(menu.words, words)]
        self._menus.append(_Menu(text, words))
        self._heard += 1
        times = len(same) + 1
        is_lost = times >= self._settings.most_times or self._heard >= self._settings.most_menus
        return MenuHeard(text=text, times=times, pressed=tuple(menu.pressed for menu in same), is_lost=is_lost)

    def press(self, keys: str) -> None:
        """Keys are pressed after the menu that was heard last."""
        if self._menus:
            self._menus[-1].pressed += keys

    def _is_same(self, one: list[str], other: list[str]) -> bool:
        return SequenceMatcher(None, one, other, autojunk=False).ratio() >= self._settings.similarity
