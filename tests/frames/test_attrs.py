"""The decorators of our own classes do what those of attrs do."""

from __future__ import annotations

import copy
import math
import pickle
from typing import Any

import attrs
import pytest

from trialogue.frames._attrs import define, frozen


def _size(text: bytes) -> str:
    return f"<{len(text)} bytes>"


@frozen(kw_only=True)
class Point:
    x: float
    y: float = 0.0
    cached: int = attrs.field(default=0, eq=False, repr=False)
    notes: dict[str, str] = attrs.field(factory=dict, hash=False)
    pcm: bytes = attrs.field(default=b"", repr=_size)


def _point_of_attrs() -> type[Any]:
    @attrs.frozen(kw_only=True)
    class Point:
        x: float
        y: float = 0.0
        cached: int = attrs.field(default=0, eq=False, repr=False)
        notes: dict[str, str] = attrs.field(factory=dict, hash=False)
        pcm: bytes = attrs.field(default=b"", repr=_size)

    return Point


FIELDS: list[dict[str, Any]] = [
    {"x": 1.0},
    {"x": 1.0, "cached": 3},
    {"x": 1.0, "y": 2.0},
    {"x": 1.0, "notes": {"a": "b"}},
    {"x": 1.0, "pcm": b"abc"},
]


@pytest.mark.parametrize("one", FIELDS)
@pytest.mark.parametrize("other", FIELDS)
def test_objects_are_shown_compared_and_hashed_as_those_of_attrs(one: dict[str, Any], other: dict[str, Any]) -> None:
    theirs = _point_of_attrs()
    assert repr(Point(**one)) == repr(theirs(**one))
    equal = theirs(**one) == theirs(**other)
    assert (Point(**one) == Point(**other)) is equal
    assert (Point(**one) != Point(**other)) is not equal
    assert (hash(Point(**one)) == hash(Point(**other))) is (hash(theirs(**one)) == hash(theirs(**other)))


@frozen(kw_only=True)
class Place(Point):
    name: str


def test_a_subclass_compares_its_own_fields_too_and_never_equals_its_base() -> None:
    here = Place(x=1.0, name="here")
    assert here == Place(x=1.0, name="here")
    assert here != Place(x=1.0, name="there")
    assert here != Point(x=1.0)
    assert repr(here) == "Place(x=1.0, y=0.0, notes={}, pcm=<0 bytes>, name='here')"


def test_what_is_not_compared_by_value_is_compared_by_identity() -> None:
    @frozen(eq=False)
    class Handle:
        number: int

    one = Handle(1)
    assert one == one  # identity is what is tested
    assert one != Handle(1)
    assert len({one, Handle(1)}) == 2


def test_what_may_change_has_no_hash() -> None:
    @define
    class Counter:
        value: int

    assert Counter(1) == Counter(1)
    with pytest.raises(TypeError, match="unhashable"):
        hash(Counter(1))


def test_own_methods_stay() -> None:
    @frozen
    class Named:
        name: str

        def __repr__(self) -> str:
            return self.name

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Named) and self.name.casefold() == other.name.casefold()

        def __hash__(self) -> int:
            return hash(self.name.casefold())

    assert repr(Named("Ann")) == "Ann"
    assert Named("Ann") == Named("ANN")
    assert {Named("Ann"), Named("ANN")} == {Named("ann")}


def test_an_object_that_holds_itself_can_be_shown() -> None:
    @define
    class Chain:
        next: object = None

    chain = Chain()
    chain.next = chain
    assert repr(chain) == "Chain(next=...)"


def test_a_class_without_fields_has_one_value() -> None:
    @frozen
    class Silence:
        pass

    assert Silence() == Silence()
    assert len({Silence(), Silence()}) == 1


def test_copies_and_pickles_are_equal_and_stay_frozen() -> None:
    point = Point(x=math.pi, pcm=b"abc")
    for other in (copy.copy(point), copy.deepcopy(point), pickle.loads(pickle.dumps(point)), attrs.evolve(point)):
        assert other == point
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        point.x = 2.0  # type: ignore[misc]  # that is what must fail
