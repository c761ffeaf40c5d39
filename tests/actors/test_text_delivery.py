"""Marks of delivery are taken out of a stream of text, and keep their places."""

from __future__ import annotations

import hypothesis
import hypothesis.strategies as st
import pytest

from trialogue.actors import DELIVERIES, DeliveryReader, MarkedSpan, SentenceStage, delivery_instructions, with_marks
from trialogue.frames import Sentence, SpeakablePiece, TextDelta

parts = st.sampled_from(
    (
        "one| |two.| Three|<|>|<b>|a < b|<pause/>|<Pause />|</pause>|<slow>|</slow>|<emphasis>|</emphasis>|<em"
        "|<   |<    slow    >|<     slow>|<                    |slow>"
    ).split("|")
)


def read(*deltas: str) -> tuple[str, list[tuple[str, int, int | None]]]:
    """The text without marks, and the marks."""
    spans: list[MarkedSpan] = []
    reader = DeliveryReader(spans)
    text = "".join([*map(reader.push, deltas), reader.finish()])
    return text, [(span.delivery, span.start, span.end) for span in spans]


@pytest.mark.parametrize(
    ("written", "clean", "marks"),
    [
        ("<slow>One</slow> two.", "One two.", [("slow", 0, 3)]),
        ("One, <pause/> two.", "One, two.", [("pause", 5, 5)]),
        ("One <EMPHASIS>two</Emphasis>!", "One two!", [("emphasis", 4, 7)]),
        ("<cheerful>Hi <emphasis>you</emphasis> two", "Hi you two", [("cheerful", 0, None), ("emphasis", 3, 6)]),
        ("<sad> One </sad> two", "One two", [("sad", 0, 4)]),
        ("One</slow> two", "One two", []),
        ("1 < 2 and <b>bold</b> <emphas", "1 < 2 and <b>bold</b> <emphas", []),
    ],
)
def test_what_is_a_mark_goes_and_the_rest_stays(
    written: str, clean: str, marks: list[tuple[str, int, int | None]]
) -> None:
    assert read(written) == (clean, marks)


@hypothesis.given(written=st.lists(parts, max_size=15).map("".join), data=st.data())
def test_it_is_the_same_however_it_is_cut(written: str, data: st.DataObject) -> None:
    deltas, at = [], 0
    while at < len(written):
        size = data.draw(st.integers(1, len(written)))
        deltas.append(written[at : at + size])
        at += size
    text, marks = read(*deltas)
    assert (text, marks) == read(written)
    for _, start, end in marks:
        assert 0 <= start <= len(text)
        assert end is None or start <= end <= len(text)


def test_little_is_held_back() -> None:
    reader = DeliveryReader([])
    assert reader.push("One <") == "One "
    assert reader.push("emph") == ""
    assert reader.push("atic!") == "<emphatic!"


def test_a_sentence_gets_the_marks_in_its_part_also_where_words_were_rewritten() -> None:
    spans: list[MarkedSpan] = []
    reader, stage = DeliveryReader(spans), SentenceStage()
    clean = reader.push("It costs <emphasis>$5</emphasis>. <slow>Pay now, <pause/>please. Thank you.</slow> Bye.")
    sentences = [*stage.push(TextDelta(text=clean)), *stage.finish()]
    marked = [with_marks(sentence, spans) for sentence in sentences]
    said = [(mark.delivery, sentence.text[mark.start : mark.end]) for sentence in marked for mark in sentence.marks]
    assert [sentence.text for sentence in marked] == [
        "It costs five dollars.",
        "Pay now, please.",
        "Thank you.",
        "Bye.",
    ]
    assert said == [("emphasis", "five dollars"), ("slow", "Pay now, please."), ("pause", ""), ("slow", "Thank you.")]
    (pause,) = [mark for mark in marked[1].marks if mark.delivery == "pause"]
    assert marked[1].text[: pause.start] == "Pay now, "


@pytest.mark.parametrize(
    "written", ["One two. <pause/>Three four.", "One two.<pause/> Three four.", "One two. Three four.<pause/>"]
)
def test_a_pause_between_sentences_is_made_once(written: str) -> None:
    spans: list[MarkedSpan] = []
    reader, stage = DeliveryReader(spans), SentenceStage()
    clean = reader.push(written) + reader.finish()
    sentences = [*stage.push(TextDelta(text=clean)), *stage.finish()]
    assert [sentence.text for sentence in sentences] == ["One two.", "Three four."]
    marks = [mark for sentence in sentences for mark in with_marks(sentence, spans).marks]
    assert [mark.delivery for mark in marks] == ["pause"]


def test_positions_lead_from_the_source_to_what_is_spoken() -> None:
    pieces = (
        SpeakablePiece(text="It is ", start=10, end=16),
        SpeakablePiece(text="five dollars", start=16, end=18),
        SpeakablePiece(text="!", start=18, end=19),
    )
    sentence = Sentence(text="It is five dollars!", start=10, end=19, pieces=pieces)
    assert [sentence.position(at) for at in (8, 10, 12, 16, 17, 18, 19, 25)] == [0, 0, 2, 6, 6, 18, 19, 19]
    plain = Sentence(text="abc", start=5, end=8)
    assert [plain.position(at) for at in (4, 5, 7, 9)] == [0, 0, 2, 3]


def test_a_model_is_taught_what_the_voice_understands_and_no_more() -> None:
    taught = delivery_instructions({"pause", "slow"})
    assert "<pause/>" in taught
    assert "<slow>" in taught
    assert "<emphasis>" not in taught
    assert delivery_instructions(()) == ""
    for each in DELIVERIES:
        assert f"<{each}" in delivery_instructions(DELIVERIES)
