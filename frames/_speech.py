"""Speech: sentences on their way to the voice, and the sound that comes back."""

from __future__ import annotations

from bisect import bisect_right
from typing import Literal

from trialogue.frames._attrs import frozen
from trialogue.frames._audio import AudioFormat
from trialogue.frames._text import SpeakablePiece

#: How something may be said: with a silence, with stress, at a pace, at a volume, in a mood.
Delivery = Literal["pause", "emphasis", "slow", "fast", "soft", "loud", "cheerful", "sad", "calm", "excited", "serious"]


@frozen(kw_only=True)
class DeliveryMark:
    """How a part of a sentence is to be said.

    Args:
        delivery: how.
        start, end: which part, in characters of the sentence's `text`; of a pause both are where it is.
    """

    delivery: Delivery
    start: int
    end: int


@frozen(kw_only=True)
class Sentence:
    """What the voice is to say next, and where it came from in the model's text.

    Args:
        text: speakable text.
        start, end: the span in the model's own text that it stands for, in characters.
        pieces: the map between both, in order and without gap: `pieces[i].text` concatenated is `text`, and each
            names its source span. Empty means that `text` is the source, character by character.
        marks: how parts of it are to be said, in order of their beginnings.
    """

    text: str
    start: int
    end: int
    pieces: tuple[SpeakablePiece, ...] = ()
    marks: tuple[DeliveryMark, ...] = ()

    def position(self, source: int) -> int:
        """Where in `text` the source position lies; inside of what was rewritten, that is where it begins."""
        if not self.pieces:
            return min(max(0, source - self.start), len(self.text))
        at = 0
        for piece in self.pieces:
            if source < piece.end:
                copied = len(piece.text) == piece.end - piece.start
                return at + max(0, source - piece.start) if copied else at
            at += len(piece.text)
        return at

    def source_end(self, spoken_chars: int) -> int:
        """How far into the source the listener is when the first `spoken_chars` characters of `text` were heard.

        A piece that was rewritten ("$5" to "five dollars ") counts once its last word was heard, white space apart.
        """
        if spoken_chars <= 0:
            return self.start
        if spoken_chars >= len(self.text):
            return self.end
        if not self.pieces:
            return self.start + spoken_chars
        ends: list[int] = []
        total = 0
        for piece in self.pieces:
            total += len(piece.text)
            ends.append(total)
        index = bisect_right(ends, spoken_chars)
        piece = self.pieces[index]
        into = spoken_chars - (ends[index - 1] if index else 0)
        if len(piece.text) == piece.end - piece.start:  # copied, not rewritten
            return piece.start + into
        return piece.end if into >= len(piece.text.rstrip()) else piece.start


@frozen(kw_only=True)
class LikelySentence:
    """What the voice is almost certainly to say next: it may be asked for the sound, but nobody hears it yet.

    A `Sentence` with the same text and marks makes it certain. Whatever else comes in its place refutes it.

    Args:
        text, marks: as the sentence will have them.
    """

    text: str
    marks: tuple[DeliveryMark, ...] = ()

    def is_confirmed_by(self, sentence: Sentence) -> bool:
        """Whether what is to be said sounds like this."""
        return sentence.text == self.text and sentence.marks == self.marks


#: What the text path sends to a voice.
ToSay = Sentence | LikelySentence


@frozen(kw_only=True)
class WordTiming:
    """Where a word lies in the sound of a sentence.

    Args:
        at_sample: its first sample, counted from the start of the sentence's sound.
        start, end: its span in the sentence's `text`, in characters.
    """

    at_sample: int
    start: int
    end: int


@frozen(kw_only=True)
class SpeechAudio:
    """Some of the sound of a sentence.

    Args:
        pcm: read-only samples in `format`.
        format: rate, channels, sample type.
        words: the words that begin in this sound or that the voice has just placed, counted from
            the sentence's start.
    """

    pcm: bytes
    format: AudioFormat
    words: tuple[WordTiming, ...] = ()


@frozen(kw_only=True)
class SentenceFinished:
    """The sound of the sentence before is complete."""


#: What a voice sends to the audio-out track: each sentence, then its sound, then that it is complete.
SpeechItem = Sentence | SpeechAudio | SentenceFinished


@frozen(kw_only=True)
class PlayoutStarted:
    """The first sample of a reply was played.

    Args:
        reply_id: which reply.
        at_s: when, session time, seconds.
        at_sample: the same on the speaker's sample count.
        first_sentence_s: when the voice had got its first sentence, session time, seconds.
        first_sound_s: when the voice had given its first sound.
    """

    reply_id: str
    at_s: float
    at_sample: int
    first_sentence_s: float
    first_sound_s: float


@frozen(kw_only=True)
class PlayoutFinished:
    """A reply is over: played to its end, cut, or without any sound.

    Args:
        reply_id: which reply.
        at_s: when, session time, seconds.
        heard: how much of the model's text was heard, in characters.
        played_s: how much of its sound was played, seconds.
    """

    reply_id: str
    at_s: float
    heard: int
    played_s: float


PlayoutEdge = PlayoutStarted | PlayoutFinished
