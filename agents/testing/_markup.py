"""What pages and pictures are made of, and how they are written."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Final

from trialogue.engine import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

#: Characters that XML has not. It has no lone surrogates either; they go with the encoding.
_BARE: Final = {code: "�" for code in (*range(32), 127, 0xFFFE, 0xFFFF) if chr(code) not in "\t\n\r"}


def text(words: str) -> str:
    """Words in an element or an attribute of XML."""
    return html.escape(words.translate(_BARE).encode(errors="replace").decode())


def name_in_words(kind: type) -> str:
    """The name of a class as people read it: "agent changed"."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in kind.__name__).strip()


def write_text(path: Path, text: str) -> None:
    """Write a page or a picture, and make the folder that it is in. Raises ConfigurationError if that cannot be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error}; name another place") from error
