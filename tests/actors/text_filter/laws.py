"""The public laws of the text filter and of the path to the voice behind it, one function for each.

The hypothesis tests and the fuzz run share them: each raises AssertionError where its law does not hold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

from trialogue.actors import SentenceChunker, SentenceStage, TextFilter, TextFilterSettings, speakable
from trialogue.actors.text_filter._settings import NOT_TWICE_THE_SAME
from trialogue.frames import Sentence, SpeakablePiece, TextChunk, TextDelta

CODA: Final = "Zebras graze here."
"""Words that no rule has a reason to touch; whatever came before, they are heard."""

LANGUAGES: Final = ("en", "de", "es", "fr", "hi", "it", "nl", "pl", "pt", "ru", "tr", "auto")


def filtered(cuts: list[str], chosen: TextFilterSettings | None = None) -> list[SpeakablePiece]:
    """What the filter gives for a source that comes in these deltas."""
    text_filter = TextFilter(chosen)
    return [piece for cut in cuts for piece in text_filter.push(cut)] + text_filter.finish()


def cut(source: str, places: set[int]) -> list[str]:
    """The source, cut at these places as far as it reaches."""
    borders = [0, *sorted(place for place in places if 0 < place < len(source)), len(source)]
    return [source[start:end] for start, end in pairwise(borders)]


def same_for_every_cut(source: str, places: set[int], chosen: TextFilterSettings | None = None) -> None:
    """However the source is cut into deltas, the pieces are the same."""
    whole = filtered([source], chosen)
    assert filtered(list(source), chosen) == whole
    assert filtered(cut(source, places), chosen) == whole


def nothing_is_lost(source: str, chosen: TextFilterSettings | None = None) -> None:
    """The pieces' spans cover the source in order, without gap or overlap."""
    covered = 0
    for piece in filtered([source], chosen):
        assert piece.start == covered <= piece.end
        covered = piece.end
    assert covered == len(source)


def twice_is_once(source: str, language: str = "en") -> None:
    """What the filter made speakable, it leaves alone."""
    once = speakable(source, language=language)
    assert speakable(once, language=language) == once


def twice_is_once_but_for_what_is_listed(source: str, language: str = "en") -> None:
    """What the filter made speakable, it leaves alone the second time without the rules of NOT_TWICE_THE_SAME.

    So it is for what was made with these rules, and for what was made without them.
    """
    for first in (settings_of(language), _WITHOUT_LISTED[language]):
        once = spoken(source, first)
        assert spoken(once, _WITHOUT_LISTED[language]) == once


def spoken(source: str, chosen: TextFilterSettings) -> str:
    """What the filter says for a whole text."""
    return "".join([piece.text for piece in filtered([source], chosen)])


def through_both(cuts: list[str], chosen: TextFilterSettings | None = None) -> tuple[str, list[TextChunk]]:
    """What the filter says for the source, and the chunks that the chunker makes of it while it arrives."""
    text_filter, chunker = TextFilter(chosen), SentenceChunker()
    spoken: list[str] = []
    chunks: list[TextChunk] = []
    for pieces in (*(text_filter.push(part) for part in cuts), text_filter.finish()):
        spoken += [piece.text for piece in pieces]
        chunks += [chunk for piece in pieces for chunk in chunker.push(piece.text)]
    return "".join(spoken), chunks + chunker.finish()


def sentences(cuts: list[str], chosen: TextFilterSettings | None = None) -> list[Sentence]:
    """What the voice gets for a source that comes in these deltas."""
    stage = SentenceStage(chosen)
    return [sentence for part in cuts for sentence in stage.push(TextDelta(text=part))] + stage.finish()


def maps_compose(source: str, places: set[int], chosen: TextFilterSettings | None = None) -> None:
    """From each place in what is heard a way leads back to the source: monotone, total, the same for every cut."""
    whole = sentences([source], chosen)
    assert sentences(list(source), chosen) == whole
    assert sentences(cut(source, places), chosen) == whole
    for before, after in pairwise(whole):
        assert before.end <= after.start
    for sentence in whole:
        assert "".join(piece.text for piece in sentence.pieces) == sentence.text
        heard = [sentence.source_end(size) for size in range(len(sentence.text) + 1)]
        assert heard == sorted(heard)
        assert heard[0] == sentence.start
        assert heard[-1] == sentence.end <= len(source)
        words_lead_back(sentence)


def words_lead_back(sentence: Sentence) -> None:
    """What was rewritten counts as heard with the last character of its words, and not before."""
    begins = 0
    for piece in sentence.pieces:
        ends = begins + len(piece.text.rstrip())
        if ends > begins + 1 and len(piece.text) != piece.end - piece.start:
            assert sentence.source_end(ends) >= piece.end
            assert sentence.source_end(ends - 1) == piece.start
        begins += len(piece.text)


def everything_is_said(source: str, chosen: TextFilterSettings | None = None) -> None:
    """What the filter gives the chunker comes out as chunks, white space apart, and what can be said as sentences."""
    spoken, chunks = through_both([source], chosen)
    at = 0
    for chunk in chunks:
        assert not spoken[at : chunk.start].strip()
        assert chunk.text == spoken[chunk.start : chunk.end]
        at = chunk.end
    assert not spoken[at:].strip()
    said = [sentence.text for sentence in sentences([source], chosen)]
    assert said == [chunk.text for chunk in chunks if chunk.speakable]


def no_turn_is_swallowed(source: str, chosen: TextFilterSettings | None = None) -> None:
    """Whatever was opened and never closed, what the model says after it is heard."""
    said = sentences([f"{source}\n\n{CODA}"], chosen)
    assert said
    assert said[-1].text.endswith(CODA)


LAWS: Final[dict[str, Callable[[str, Sequence[int], str], None]]] = {
    "same for every cut": lambda source, places, tag: same_for_every_cut(source, {*places}, settings_of(tag)),
    "nothing is lost": lambda source, _, tag: nothing_is_lost(source, settings_of(tag)),
    "twice is once": lambda source, _, tag: twice_is_once_but_for_what_is_listed(source, tag),
    "maps compose": lambda source, places, tag: maps_compose(source, {*places}, settings_of(tag)),
    "everything is said": lambda source, _, tag: everything_is_said(source, settings_of(tag)),
    "no turn is swallowed": lambda source, _, tag: no_turn_is_swallowed(source, settings_of(tag)),
}
"""All laws that hold for any source, any way of cutting it, and any language, by name."""

_SETTINGS: Final = {tag: TextFilterSettings(language=tag) for tag in LANGUAGES}
_WITHOUT_LISTED: Final = {tag: TextFilterSettings(language=tag, off=NOT_TWICE_THE_SAME) for tag in LANGUAGES}


def settings_of(tag: str) -> TextFilterSettings:
    """The defaults in a language."""
    return _SETTINGS[tag]
