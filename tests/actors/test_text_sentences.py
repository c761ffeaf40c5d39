"""From the model's text to sentences: nothing is lost, and each sentence knows where it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import hypothesis
import hypothesis.strategies as st
import pytest
import trio

from trialogue.actors import SentencesSettings, SentenceStage, sentences
from trialogue.engine import Channel, ConfigurationError
from trialogue.frames import Sentence, TextDelta, ToSay

if TYPE_CHECKING:
    from trio.testing import MockClock

fragments = st.sampled_from(
    [
        "Hello", " there", ". ", "! ", "? ", "It costs $5", " and 3.50 €", " **bold**", " [a link](http://x.org/y)",
        "\n", "\n\n", " 🙂", " Dr. Smith", " e.g. this", ", and", " e-mail a@b.com", " 10:30", "- item\n", " ...",
        "`code`", " the", " quick", " fox", "<b>", "</b>", "```\nx = 1\n```\n", "你好。", " U.S. ", "  ",
    ]
)  # fmt: skip
sources = st.lists(fragments, max_size=14).map("".join)


def sentences_of(source: str, cuts: list[int]) -> list[Sentence]:
    """The sentences of a source that comes in pieces."""
    stage, found, start = SentenceStage(), [], 0
    for end in [*sorted({min(cut, len(source)) for cut in cuts}), len(source)]:
        found += stage.push(TextDelta(text=source[start:end]))
        start = end
    return found + stage.finish()


@hypothesis.given(source=sources, cuts=st.lists(st.integers(0, 120), max_size=12))
def test_the_same_sentences_come_however_the_text_is_cut(source: str, cuts: list[int]) -> None:
    whole, in_parts = sentences_of(source, []), sentences_of(source, cuts)
    assert [(each.text, each.start, each.end) for each in in_parts] == [
        (each.text, each.start, each.end) for each in whole
    ]
    for one, other in zip(in_parts, whole, strict=True):
        ends = range(len(one.text) + 1)
        assert [one.source_end(spoken) for spoken in ends] == [other.source_end(spoken) for spoken in ends]


@hypothesis.given(source=sources, cuts=st.lists(st.integers(0, 120), max_size=12))
def test_spans_follow_each_other_and_their_pieces_are_the_text(source: str, cuts: list[int]) -> None:
    end = 0
    for sentence in sentences_of(source, cuts):
        assert end <= sentence.start <= sentence.end <= len(source)
        assert "".join(piece.text for piece in sentence.pieces) == sentence.text == sentence.text.strip()
        at = sentence.start
        for piece in sentence.pieces:
            assert at <= piece.start <= piece.end
            at = piece.end
        assert at == sentence.end
        end = sentence.end


@hypothesis.given(source=sources)
def test_what_was_heard_of_a_sentence_only_grows_in_the_source(source: str) -> None:
    for sentence in sentences_of(source, []):
        ends = [sentence.source_end(spoken) for spoken in range(-1, len(sentence.text) + 2)]
        assert ends == sorted(ends)
        assert ends[0] == sentence.start
        assert ends[-1] == sentence.end


@hypothesis.given(source=sources)
def test_no_word_is_left_out(source: str) -> None:
    covered: set[int] = set()
    for sentence in sentences_of(source, []):
        covered.update(range(sentence.start, sentence.end))
    for word in ("Hello", "there", "bold", "quick", "fox", "Smith", "item"):
        at = source.find(word)
        while at >= 0:
            assert set(range(at, at + len(word))) <= covered
            at = source.find(word, at + 1)


@pytest.mark.parametrize(
    ("source", "heard", "source_heard"),
    [
        ("It costs $5 now.", "It costs five dollars", "It costs $5"),
        ("It costs $5 now.", "It costs five", "It costs "),
        ("It is **very** good.", "It is very", "It is **very** "),
    ],
)
def test_what_was_heard_is_told_in_the_words_of_the_source(source: str, heard: str, source_heard: str) -> None:
    (sentence,) = sentences_of(source, [])
    assert sentence.text.startswith(heard)
    assert source[: sentence.source_end(len(heard))] == source_heard


def test_a_sentence_comes_as_soon_as_it_is_certain() -> None:
    stage = SentenceStage()
    assert stage.push(TextDelta(text="Hello there. ")) == []
    (first,) = stage.push(TextDelta(text="How"))
    assert stage.push(TextDelta(text=" are")) == []
    assert (first.text, first.start, first.end) == ("Hello there.", 0, 12)
    (last,) = stage.finish()
    assert (last.text, last.start, last.end) == ("How are", 13, 20)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("Open from 9 a.m. to 5 p.m. daily.", ["Open from nine AM to five PM daily."]),
        ("See you at 5 p.m. Monday in town.", ["See you at five PM. Monday in town."]),
        ("He left at 6 p.m. Mr. Jones did not.", ["He left at six PM.", "Mr. Jones did not."]),
        ("It ends at 7 p.m. ET on Friday.", ["It ends at seven PM. ET on Friday."]),
    ],
)
def test_an_hour_that_was_read_ends_a_sentence_no_sooner_than_one_that_was_written(
    source: str, said: list[str]
) -> None:
    assert [sentence.text for sentence in sentences_of(source, [])] == said


# -- the actor


async def come_out(parts: list[tuple[float, str]], stall_s: float = 0.3) -> list[tuple[float, str]]:
    """When which sentence comes, of text that comes in parts after pauses."""
    text = Channel[TextDelta]("text", capacity=10)
    made = Channel[ToSay]("sentences", capacity=100)
    found: list[tuple[float, str]] = []
    began_s = trio.current_time()

    async def write() -> None:
        for pause_s, part in parts:
            await trio.sleep(pause_s)
            await text.outbox.send(TextDelta(text=part))
        text.outbox.close()

    async def read() -> None:
        async for item in made.inbox:
            if isinstance(item, Sentence):
                found.append((round(trio.current_time() - began_s, 9), item.text))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(write)
        nursery.start_soon(read)
        settings = SentencesSettings(stall_s=stall_s)
        await sentences(text.inbox, made.outbox, stage=SentenceStage(), settings=settings)
        made.outbox.close()
    return found


async def test_a_complete_sentence_does_not_wait_for_a_stalled_model(autojump_clock: MockClock) -> None:
    found = await come_out([(0.0, "Hello"), (0.1, " there."), (5.0, " How"), (0.1, " are you?")])
    assert found == [(0.4, "Hello there."), (5.2, "How are you?")]


async def test_an_incomplete_sentence_waits(autojump_clock: MockClock) -> None:
    assert await come_out([(0.0, "Hello"), (5.0, " there.")]) == [(5.0, "Hello there.")]


@pytest.mark.parametrize("stall_s", [0.0, -1.0])
def test_a_stall_must_have_a_length(stall_s: float) -> None:
    with pytest.raises(ConfigurationError, match="stall_s must be positive"):
        SentencesSettings(stall_s=stall_s)
