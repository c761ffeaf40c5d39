"""Text and numbers as XHTML wants them."""

from __future__ import annotations

import html
from typing import Final

#: Characters that XML has not. It has no lone surrogates either; they go with the encoding.
_BARE: Final = {code: "�" for code in [*range(32), 127, 0xFFFE, 0xFFFF] if chr(code) not in "\t\n\r"}


def text(words: str) -> str:
    """Words in an element or an attribute."""
    return html.escape(words.translate(_BARE).encode(errors="replace").decode())


def number(value: float, places: int = 3) -> str:
    """A number without needless zeros."""
    return f"{round(value, places):.{places}f}".rstrip("0").rstrip(".") if places else f"{value:.0f}"


def clock(at_s: float) -> str:
    """Session time for people: 1:02.34."""
    minutes, seconds = divmod(round(at_s * 100), 6000)
    return f"{minutes}:{seconds / 100:05.2f}"


def clock_link(at_s: float) -> str:
    """Session time that can be clicked to go there."""
    return f'<a class="at" href="#timeline" data-at="{number(at_s)}">{clock(at_s)}</a>'
