"""Replies that are JSON objects: one field is spoken as it arrives, the rest is for the program. Pure."""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

from trialogue.engine import ConfigurationError

#: What may follow a backslash in a text of JSON, but for `u`.
_ESCAPES: Final = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}

_HIGH: Final = range(0xD800, 0xDC00)
_LOW: Final = range(0xDC00, 0xE000)


class _At(Enum):
    """Where in the document the stream is."""

    OUTSIDE = auto()
    #: In a text that is not the spoken one: a key, or another value.
    TEXT = auto()
    SPOKEN = auto()


class SpokenField:
    """Takes the text of one field out of a streamed JSON object, while the object is still being written.

    The result is the same however the stream is cut.

    Args:
        name: of the field, at the top level of the object; its value is a text.
    """

    def __init__(self, name: str = "say") -> None:
        if not name:
            raise ConfigurationError("name the field that is to be spoken")
        self._name = name
        self._at = _At.OUTSIDE
        self._depth = 0
        self._text: list[str] = []  # of the text that is being read, where it may be a key
        self._key = ""  # read last, at the top level
        self._expects_value = False
        self._escape: str | None = None  # what came after a backslash; None outside an escape
        self._high = 0  # the first half of a character that is written in two

    def push(self, delta: str) -> str:
        """What became speakable with the next part of the document."""
        return "".join(filter(None, map(self._character, delta)))

    def _character(self, character: str) -> str:
        if self._at is _At.OUTSIDE:
            self._outside(character)
            return ""
        if self._escape is not None:
            return self._take(self._unescaped(character))
        if character == "\\":
            self._escape = ""
            return ""
        if character == '"':
            self._end_text()
            return ""
        return self._take(character)

    def _outside(self, character: str) -> None:
        match character:
            case '"':
                spoken = self._depth == 1 and self._expects_value and self._key == self._name
                self._at = _At.SPOKEN if spoken else _At.TEXT
                self._text.clear()
            case "{" | "[":
                self._depth += 1
                self._expects_value = False
            case "}" | "]":
                self._depth -= 1
                self._expects_value = False
            case ":" if self._depth == 1:
                self._expects_value = True
            case "," if self._depth == 1:
                self._expects_value = False

    def _end_text(self) -> None:
        if self._at is _At.TEXT and self._depth == 1 and not self._expects_value:
            self._key = "".join(self._text)
        self._at = _At.OUTSIDE
        self._high = 0

    def _take(self, text: str) -> str:
        if self._at is _At.SPOKEN:
            return text
        if self._depth == 1 and not self._expects_value and len(self._text) <= len(self._name):
            self._text.append(text)  # a key; one that is longer than the name is not it
        return ""

    def _unescaped(self, character: str) -> str:
        """The character that an escape means, once it is complete."""
        assert self._escape is not None
        if self._escape == "" and character != "u":
            self._escape = None
            return _ESCAPES.get(character, character)
        self._escape += character
        if len(self._escape) < len("uffff"):
            return ""
        digits, self._escape = self._escape[1:], None
        try:
            code = int(digits, 16)
        except ValueError:
            return ""
        if code in _HIGH:
            self._high = code
            return ""
        if code in _LOW:
            high, self._high = self._high, 0
            return chr(0x10000 + ((high - _HIGH.start) << 10) + (code - _LOW.start)) if high else ""
        return chr(code)
