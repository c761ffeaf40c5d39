"""Marks of delivery as SSML, and what espeak-ng makes of them."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import get_args

import hypothesis
import hypothesis.strategies as st
import pytest

from trialogue.frames import Delivery, DeliveryMark, SpeechAudio
from trialogue.providers import Espeak
from trialogue.providers._ssml import UNDERSTOOD, Ssml


def mark(delivery: Delivery, start: int, end: int) -> DeliveryMark:
    """A mark."""
    return DeliveryMark(delivery=delivery, start=start, end=end)


def test_a_sentence_without_marks_is_as_it_was() -> None:
    said = Ssml("1 < 2 & so", [mark("cheerful", 0, 3)])
    assert (said.document, said.is_marked, said.position(4)) == ("1 < 2 & so", False, 4)


def test_marks_become_elements_and_what_is_special_is_escaped() -> None:
    said = Ssml("one & two", [mark("slow", 0, 9), mark("pause", 4, 4), mark("emphasis", 6, 9)])
    assert said.document == (
        '<prosody rate="75%">one <break time="400ms"/>&amp; <emphasis level="strong">two</emphasis></prosody>'
    )
    assert said.position(said.document.index("two")) == 6


marks = st.lists(
    st.builds(
        lambda delivery, start, length: mark(delivery, start, start + (0 if delivery == "pause" else length)),
        st.sampled_from(get_args(Delivery)),
        st.integers(0, 12),
        st.integers(0, 12),
    ),
    max_size=6,
)


@hypothesis.given(text=st.text(alphabet="ab <&>'", min_size=12, max_size=24), marked=marks)
def test_the_document_is_well_formed_and_holds_the_sentence(text: str, marked: list[DeliveryMark]) -> None:
    said = Ssml(text, marked)
    if not said.is_marked:
        assert said.document == text
        return
    assert "".join(ET.fromstring(f"<speak>{said.document}</speak>").itertext()) == text  # our own
    places = [said.position(at) for at in range(len(said.document) + 1)]
    assert places == sorted(places)
    assert places[-1] == len(text)


async def spoken(text: str, *marked: DeliveryMark) -> list[SpeechAudio]:
    """What espeak-ng says."""
    async with Espeak().open() as voice:
        assert voice.understands == UNDERSTOOD
        async with voice.speak_marked(text, marked) if marked else voice.speak(text) as sound:
            return [piece async for piece in sound]


@pytest.mark.integration
async def test_espeak_says_it_so_and_places_the_words_of_the_sentence() -> None:
    text = "Say one & two."
    plain, slow = await spoken(text), await spoken(text, mark("slow", 0, len(text)), mark("pause", 4, 4))
    lengths = [sum(len(piece.pcm) for piece in sound) for sound in (plain, slow)]
    assert lengths[1] > 1.2 * lengths[0]
    for sound in (plain, slow):
        words = [word for piece in sound for word in piece.words]
        assert [text[word.start : word.end].rstrip(".") for word in words] == ["Say", "one", "&", "two"]
        assert [word.at_sample for word in words] == sorted(word.at_sample for word in words)
