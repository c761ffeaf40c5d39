"""Instructions for the language model, in variants."""

from __future__ import annotations

from typing import Self


class Instructions(str):
    """Instructions in two variants, to be given where a plain str could be: `Agent(instructions=Instructions(...))`.

    It is the str for what is said and spoken, and has another one for what is read.

    Args:
        voice: told to the model for answers that are spoken to somebody who spoke.
        text: told in its place where the user has typed, or nobody speaks.
    """

    __slots__ = ("text",)

    #: The variant for what is read.
    text: str

    def __new__(cls, voice: str, *, text: str) -> Self:
        """See the class."""
        made = super().__new__(cls, voice)
        made.text = text
        return made


def joined(*parts: str, by: str = "\n\n") -> str:
    """Instructions one after another, but for empty ones; in variants where one of them is."""
    voice = by.join(filter(None, parts))
    if not any(isinstance(part, Instructions) for part in parts):
        return voice
    return Instructions(voice, text=by.join(filter(None, (variant_of(part, is_read=True) for part in parts))))


def variant_of(instructions: str, *, is_read: bool) -> str:
    """What a model is told.

    Args:
        instructions: perhaps in variants.
        is_read: whether the user has typed, or nobody speaks the answer.
    """
    return instructions.text if is_read and isinstance(instructions, Instructions) else str(instructions)
