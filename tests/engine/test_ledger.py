"""The ledger: monotone, exact to the word where the voice says where words are, and close where it does not."""

from __future__ import annotations

import hypothesis
import hypothesis.strategies as st

from trialogue.engine import SpeechLedger
from trialogue.frames import Sentence, SpeakablePiece, WordTiming

RATE_HZ = 1000

words_of_a_sentence = st.lists(
    st.tuples(st.sampled_from(["a", "to", "the", "hello", "consequences"]), st.integers(1, 800)), min_size=1, max_size=6
)


def timings(words: list[tuple[str, int]]) -> list[WordTiming]:
    """Where words lie, each with its length in samples."""
    found, at_sample, start = [], 0, 0
    for word, samples in words:
        found.append(WordTiming(at_sample=at_sample, start=start, end=start + len(word)))
        at_sample += samples
        start += len(word) + 1
    return found


def filled(sentences: list[list[tuple[str, int]]], *, placed: bool) -> tuple[SpeechLedger, str]:
    """A complete ledger, and the source text."""
    ledger, source = SpeechLedger(RATE_HZ), ""
    for words in sentences:
        text = " ".join(word for word, _ in words)
        ledger.begin(Sentence(text=text, start=len(source), end=len(source) + len(text)))
        ledger.add(sum(samples for _, samples in words), timings(words) if placed else ())
        source += text + " "
    ledger.finish()
    return ledger, source


@hypothesis.given(sentences=st.lists(words_of_a_sentence, min_size=1, max_size=3), data=st.data())
def test_with_word_positions_it_is_exact_to_the_word(
    sentences: list[list[tuple[str, int]]], data: st.DataObject
) -> None:
    ledger, source = filled(sentences, placed=True)
    lengths = [samples for words in sentences for _, samples in words]
    words = [word for sentence in sentences for word, _ in sentence]
    assert ledger.samples == sum(lengths)
    played = data.draw(st.integers(0, ledger.samples))
    complete = 0
    while complete < len(lengths) and sum(lengths[: complete + 1]) <= played:
        complete += 1
    assert source[: ledger.heard(played)].split() == words[:complete]


@hypothesis.given(sentences=st.lists(words_of_a_sentence, min_size=1, max_size=3), placed=st.booleans())
def test_it_never_goes_back_and_ends_at_the_end(sentences: list[list[tuple[str, int]]], placed: bool) -> None:
    ledger, source = filled(sentences, placed=placed)
    heard = [ledger.heard(played) for played in range(0, ledger.samples + 20, 7)] + [ledger.heard(ledger.samples)]
    assert heard[0] == 0
    assert heard[:-1] == sorted(heard[:-1])
    assert heard[-1] == len(source.rstrip())


@hypothesis.given(sentences=st.lists(words_of_a_sentence, min_size=1, max_size=3), data=st.data())
def test_without_word_positions_it_is_in_the_right_sentence_and_ends_with_a_word(
    sentences: list[list[tuple[str, int]]], data: st.DataObject
) -> None:
    ledger, source = filled(sentences, placed=False)
    played = data.draw(st.integers(1, ledger.samples))
    heard = ledger.heard(played)
    lengths = [sum(samples for _, samples in words) for words in sentences]
    texts = [" ".join(word for word, _ in words) for words in sentences]
    number = next(n for n in range(len(lengths)) if played <= sum(lengths[: n + 1]))
    assert len(" ".join(texts[:number])) <= heard <= len(" ".join(texts[: number + 1]))
    assert source[heard : heard + 1] in (" ", "") or heard in (0, len(" ".join(texts[:number])) + 1)
    if len({samples for words in sentences for _, samples in words}) == 1 and len(set(source.split())) == 1:
        exact = source[:heard].split()
        assert abs(len(exact) - played * len(source.split()) // ledger.samples) <= 1


def test_while_a_sentence_is_still_coming_its_length_is_estimated_and_never_all_of_it_heard() -> None:
    ledger = SpeechLedger(RATE_HZ)
    text = "one two three four five six seven"  # 33 characters: some 2.36 s at 14 a second
    ledger.begin(Sentence(text=text, start=0, end=len(text)))
    ledger.add(500)
    assert text[: ledger.heard(500)] == "one two"
    ledger.add(4500)
    assert ledger.heard(5000) < len(text)
    ledger.finish()
    assert ledger.heard(5000) == len(text)


def test_a_rewritten_piece_counts_once_its_last_word_was_heard() -> None:
    source, spoken = "It costs $5 now.", "It costs five dollars now."
    pieces = (
        SpeakablePiece(text="It costs ", start=0, end=9),
        SpeakablePiece(text="five dollars", start=9, end=11),
        SpeakablePiece(text=" now.", start=11, end=16),
    )
    ledger = SpeechLedger(RATE_HZ)
    ledger.begin(Sentence(text=spoken, start=0, end=16, pieces=pieces))
    ledger.add(500, timings([(word, 100) for word in spoken.split()]))
    ledger.finish()
    heard = [source[: ledger.heard(played)].rstrip() for played in (99, 100, 200, 300, 399, 400, 499, 500)]
    assert heard == ["", "It", "It costs", "It costs", "It costs", "It costs $5", "It costs $5", source]


def test_nothing_played_is_nothing_heard() -> None:
    ledger = SpeechLedger(RATE_HZ)
    assert (ledger.heard(0), ledger.heard(10), ledger.samples) == (0, 0, 0)
    ledger.begin(Sentence(text="a", start=0, end=1))
    ledger.finish()
    assert ledger.heard(0) == 0


def test_a_sentence_without_sound_counts_when_the_next_one_is_heard() -> None:
    ledger = SpeechLedger(RATE_HZ)
    for number, samples in enumerate([100, 0, 100]):
        ledger.begin(Sentence(text="ab", start=3 * number, end=3 * number + 2))
        ledger.add(samples)
    ledger.finish()
    assert [ledger.heard(played) for played in (99, 100, 101, 200)] == [0, 2, 5, 8]
