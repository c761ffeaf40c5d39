"""A field of a JSON object that is spoken as it arrives."""

from __future__ import annotations

import json

import hypothesis
import hypothesis.strategies as st
import pytest

from trialogue.actors import SpokenField
from trialogue.engine import ConfigurationError

texts = st.text(max_size=20).filter(lambda text: not any(0xD800 <= ord(each) < 0xE000 for each in text))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts | st.just("say"), inner, max_size=3),
    max_leaves=6,
)


@hypothesis.given(
    before=st.dictionaries(texts.filter(lambda name: name != "say"), values, max_size=3),
    said=texts,
    after=st.dictionaries(texts.filter(lambda name: name != "say"), values, max_size=2),
    ascii_only=st.booleans(),
    indent=st.none() | st.just(2),
    data=st.data(),
)
def test_the_field_is_spoken_whatever_stands_round_it_and_however_it_is_cut(  # one of each kind
    before: dict[str, object],
    said: str,
    after: dict[str, object],
    ascii_only: bool,
    indent: int | None,
    data: st.DataObject,
) -> None:
    whole = {**before, "say": said, **{name: value for name, value in after.items() if name not in before}}
    document = json.dumps(whole, ensure_ascii=ascii_only, indent=indent)
    field = SpokenField()
    spoken, at = "", 0
    while at < len(document):
        size = data.draw(st.integers(1, len(document)), label="size")
        spoken += field.push(document[at : at + size])
        at += size
    assert spoken == said


def test_it_is_spoken_as_it_arrives() -> None:
    field = SpokenField("speech")
    heard = [
        field.push(each)
        for each in ('{"mood": "gl', 'ad", "spe', 'ech": "Hel', "lo\\n", "th\\u00", 'e9re"', ', "x": 1}')
    ]
    assert heard == ["", "", "Hel", "lo\n", "th", "ére", ""]


def test_only_the_fields_own_text_at_the_top_is_spoken() -> None:
    field = SpokenField()
    assert (
        field.push('{"a": {"say": "no"}, "b": "say", "c": ["say", "no"], "say": ["no"], "d": "\\"say\\": \\"no\\""}')
        == ""
    )


def test_a_document_in_a_fence_is_read_too() -> None:
    field = SpokenField()
    assert field.push('```json\n{"say": "Hello."}\n```') == "Hello."


@hypothesis.given(st.text(alphabet='{}[]":,\\u0ax say', max_size=60))
def test_what_is_no_json_breaks_nothing(document: str) -> None:
    at_once, bit_by_bit = SpokenField(), SpokenField()
    assert at_once.push(document) == "".join(map(bit_by_bit.push, document))


def test_a_field_without_a_name_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="name the field"):
        SpokenField("")
