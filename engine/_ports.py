"""Reading an actor's ports from its signature."""

from __future__ import annotations

import collections.abc
import functools
import inspect
import types
import typing
from collections.abc import Callable, Mapping
from typing import Literal, TypeVar, Union, get_args, get_origin

import attrs

from trialogue.engine._channel import Inbox, Outbox
from trialogue.engine._errors import GraphError

#: What a port carries: the members of its union; `object` stands for anything.
Carried = frozenset[object]


@attrs.frozen(kw_only=True)
class Port:
    """One port of an actor.

    Args:
        name: the parameter's name.
        direction: which way items go, seen from the actor.
        carries: the types of the items.
        required: whether the actor cannot run without it.
    """

    name: str
    direction: Literal["in", "out"]
    carries: Carried
    required: bool


@attrs.frozen(kw_only=True)
class ActorShape:
    """What the graph must know of an actor function."""

    name: str
    signature: inspect.Signature
    ports: Mapping[str, Port]


def unwrap(function: Callable[..., object]) -> Callable[..., object]:
    """The function under any `functools.partial`."""
    while isinstance(function, functools.partial):
        function = function.func
    return function


def shape_of(function: Callable[..., object]) -> ActorShape:
    """The shape of an actor function.

    Raises:
        GraphError: a type of a port cannot be found, or is missing its item type.
    """
    plain = unwrap(function)
    shape = _shape_of_plain(plain)
    if plain is function:
        return shape
    return attrs.evolve(shape, signature=inspect.signature(function))


@functools.lru_cache(maxsize=1024)
def _shape_of_plain(function: Callable[..., object]) -> ActorShape:
    signature = inspect.signature(function)
    name = getattr(function, "__name__", type(function).__name__)
    ports: dict[str, Port] = {}
    for parameter, hint in hints_of(function).items():
        if parameter == "return" or parameter not in signature.parameters:
            continue
        port_type, optional = _port_type(hint)
        if port_type is None:
            continue
        arguments = get_args(port_type)
        if not arguments:
            raise GraphError(
                f"actor {name}: port {parameter!r} does not say what it carries; write Inbox[FrameType] or "
                f"Outbox[FrameType]"
            )
        ports[parameter] = Port(
            name=parameter,
            direction="in" if get_origin(port_type) is Inbox else "out",
            carries=members(arguments[0]),
            required=not optional and signature.parameters[parameter].default is inspect.Parameter.empty,
        )
    return ActorShape(name=name, signature=signature, ports=ports)


def _port_type(hint: object) -> tuple[object | None, bool]:
    """The Inbox[...] or Outbox[...] in a hint, if any, and whether it may be None."""
    if hint is Inbox or hint is Outbox or get_origin(hint) in (Inbox, Outbox):
        return hint, False
    if get_origin(hint) in (Union, types.UnionType):
        for member in get_args(hint):
            if get_origin(member) in (Inbox, Outbox):
                return member, True
    return None, False


def hints_of(function: Callable[..., object]) -> dict[str, object]:
    """The resolved annotations of a function or callable object.

    Raises:
        GraphError: a name in them cannot be resolved at run time.
    """
    target = function if inspect.isroutine(function) else type(function).__call__
    try:
        return typing.get_type_hints(target)
    except NameError as error:
        where = f"{target.__module__}.{target.__qualname__}"
        raise GraphError(
            f"{where}: the type {error.name!r} in its signature cannot be found when the graph is built; import it "
            f"at the top of the module, outside `if TYPE_CHECKING`, and define it outside functions"
        ) from error


def members(hint: object) -> Carried:
    """The types that a port's annotation stands for, unions and type aliases taken apart."""
    if get_origin(hint) in (Union, types.UnionType):
        return frozenset(member for part in get_args(hint) for member in members(part))
    if isinstance(hint, TypeVar):
        return members(hint.__bound__) if hint.__bound__ is not None else frozenset([object])
    value = getattr(hint, "__value__", None)
    if value is not None:
        return members(value)
    origin = get_origin(hint)
    return frozenset([object if hint is typing.Any else origin or hint])


def made_by(function: Callable[..., object]) -> Carried:
    """What a plain-function stage makes, by its return annotation: without None, and what a list or tuple holds."""
    return without_containers(hints_of(unwrap(function)).get("return", object))


def without_containers(hint: object) -> Carried:
    """The item types in `T | None`, `list[T]`, `Iterable[T]` and the like."""
    parts = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    found: set[object] = set()
    for part in parts:
        if part is type(None):
            continue
        origin = get_origin(part)
        if origin in (list, tuple, collections.abc.Iterable, collections.abc.Sequence, collections.abc.Iterator):
            inner = [argument for argument in get_args(part) if argument is not Ellipsis]
            found.update(*(members(argument) for argument in inner))
        else:
            found |= members(part)
    return frozenset(found)


def accepts(consumer: Carried, producer: Carried) -> bool:
    """Whether a consumer's port can take everything that a producer's port may send."""
    return all(any(_is_subtype(sent, taken) for taken in consumer) for sent in producer)


def _is_subtype(sent: object, taken: object) -> bool:
    if taken is object or sent is object:
        return True  # a type variable or no annotation: left to the type checker
    if isinstance(sent, type) and isinstance(taken, type):
        return issubclass(sent, taken)
    return sent == taken


def describe(carried: Carried) -> str:
    """The types in words."""
    return " | ".join(sorted(getattr(member, "__name__", str(member)) for member in carried))
