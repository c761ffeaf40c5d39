"""What one may choose about cutting text into sentences."""

from __future__ import annotations

from typing import Final

from trialogue.engine import ConfigurationError
from trialogue.frames._attrs import frozen

LONGEST_CHUNK: Final = 1000
"""Characters. Below the input limits of the speech services we know of (the smallest is 1,024 characters)."""

LONGEST_PAIR: Final = 400
"""Characters. Five sentences: what quotations in prose rarely exceed."""

SPOKEN_PAIR: Final = 120
"""Characters. About half a second of a language model's output, the longest that a listener should be made to wait."""

SPOKEN_CHUNK: Final = 250
"""Characters. About 15 seconds of speech: longer pieces do not sound better and cost time."""


@frozen(kw_only=True)
class SentenceChunkerSettings:
    """How a SentenceChunker cuts. The defaults give exactly the sentences of `split_sentences`.

    Lengths are counted in characters, where a character of a script that is written without spaces between words
    (Han, Kana, Thai ...) counts as three: it takes about three times as long to say.

    Args:
        language: a BCP 47 tag such as "de" or "pt-BR", or "auto": rules by script, abbreviations of all languages.
        min_chars: a shorter sentence waits for the next one and is merged with it; 1 merges nothing.
        max_chars: a longer sentence is cut, at a clause, else between words, else between graphemes. Here every
            character counts as one.
        first_chunk_chars: the first chunk may end at a comma, semicolon, colon or dash once it has this many
            characters, since time to first audio is what a user feels; None waits for the sentence. The first chunk
            never waits for `min_chars`.
        pair_chars: nothing is cut within a quotation or brackets of at most so many characters. It is also how long
            the sentences behind an opening mark may have to wait for the closing one.

    The words of the languages, and the patterns, are loaded when they are first used, or by `load_text_path`.

    Raises:
        ConfigurationError: a length is out of range.
    """

    language: str = "auto"
    min_chars: int = 1
    max_chars: int = LONGEST_CHUNK
    first_chunk_chars: int | None = None
    pair_chars: int = LONGEST_PAIR

    def __attrs_post_init__(self) -> None:
        if not 1 <= self.min_chars <= self.max_chars:
            raise ConfigurationError(
                f"SentenceChunkerSettings.min_chars is {self.min_chars}; give 1 to max_chars ({self.max_chars})"
            )
        if self.max_chars < 20:
            raise ConfigurationError(f"SentenceChunkerSettings.max_chars is {self.max_chars}; give 20 or more")
        if self.first_chunk_chars is not None and self.first_chunk_chars < 1:
            raise ConfigurationError(
                f"SentenceChunkerSettings.first_chunk_chars is {self.first_chunk_chars}; give 1 or more, or None"
            )

        if not 0 <= self.pair_chars <= LONGEST_CHUNK:
            raise ConfigurationError(
                f"SentenceChunkerSettings.pair_chars is {self.pair_chars}; give 0 to {LONGEST_CHUNK}"
            )

    @classmethod
    def for_speech(cls, language: str = "auto") -> SentenceChunkerSettings:
        """Settings for a voice: a fast first chunk, very short sentences merged, long ones cut at clauses."""
        return cls(
            language=language, min_chars=12, max_chars=SPOKEN_CHUNK, first_chunk_chars=16, pair_chars=SPOKEN_PAIR
        )
