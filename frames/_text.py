"""Text: what was heard, what the model wrote, what a voice can say."""

from __future__ import annotations

from trialogue.frames._attrs import frozen


@frozen(kw_only=True)
class InterimTranscript:
    """What the recogniser believes so far; a later transcript of the same utterance replaces it.

    Args:
        text: the words.
        start_sample: where the utterance began, on the microphone's sample count.
        end_sample: up to where the recogniser had listened.
        confidence: 0 to 1, or None where the recogniser does not say.
    """

    text: str
    start_sample: int
    end_sample: int
    confidence: float | None = None


@frozen(kw_only=True)
class FinalTranscript:
    """Like InterimTranscript, but it will not change. Empty text says that nothing was understood."""

    text: str
    start_sample: int
    end_sample: int
    confidence: float | None = None


Transcript = InterimTranscript | FinalTranscript


@frozen(kw_only=True)
class TextDelta:
    """Some characters that the model wrote, in order."""

    text: str


@frozen(kw_only=True)
class SpeakablePiece:
    """A piece of text that a voice can say, and the span of the source that it stands for.

    Args:
        text: what the voice says.
        start, end: the span in the source text, in characters.
    """

    text: str
    start: int
    end: int


@frozen(kw_only=True)
class TextChunk:
    """A piece of text that a voice says in one breath: `text == source[start:end]`.

    Args:
        text: the piece, trimmed of white space at both ends.
        start, end: its span in the text that went into the chunker, in characters.
        speakable: False where there is nothing in it to say (only punctuation).
    """

    text: str
    start: int
    end: int
    speakable: bool = True
