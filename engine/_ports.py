"""Reading an actor's ports from its signature."""

from __future__ import annotations

import collections.abc
import functools
import inspect
import types
import typing
import weakref
from collections.abc import Callable, Mapping
from typing import Final, Literal, Never, TypeVar, Union, get_args, get_origin

from trialogue.engine._channel import Inbox, Outbox
from trialogue.engine._errors import GraphError
from trialogue.frames._attrs import frozen

#: What a port carries: the members of its union; `object` stands for anything.
Carried = frozenset[object]


@frozen(kw_only=True)
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


@frozen(kw_only=True, eq=False)
class PortUser:
    """Who uses an end of a channel: what the channel itself knows of it.

    Args:
        graph: the graph's name.
        user: the actor's or stage's name.
        port: the parameter's name.
        carries: the types of the items; `object` stands for anything.
    """

    graph: str
    user: str
    port: str
    carries: Carried


@frozen(kw_only=True, eq=False)
class PortUse(PortUser):
    """That a port of an actor (or the argument of a stage) uses one end of channels.

    Args:
        end: the Inbox or Outbox. It knows its channels, so they must not know it: a reply is to leave no cycle behind.
    """

    end: Inbox[object] | Outbox[Never]

    def user_alone(self) -> PortUser:
        """It without the end."""
        return PortUser(graph=self.graph, user=self.user, port=self.port, carries=self.carries)


@frozen(kw_only=True)
class ActorShape:
    """What the graph must know of an actor function.

    Args:
        name: the function's.
        signature: for errors, and for calls that are not simple.
        ports: by name.
        is_async: whether it is an `async def` function.
        by_position: the parameters that may be given by position; None where a call is not simple to bind.
        required: the parameters that have no default.
    """

    name: str
    signature: inspect.Signature
    ports: Mapping[str, Port]
    is_async: bool
    by_position: tuple[str, ...] | None
    required: frozenset[str]


def unwrap(function: Callable[..., object]) -> Callable[..., object]:
    """The function under any `functools.partial`."""
    while isinstance(function, functools.partial):
        function = function.func
    return function


#: Shapes are read again for each reply, so those of plain functions are kept for as long as the functions live.
_shapes: Final[weakref.WeakKeyDictionary[types.FunctionType, ActorShape]] = weakref.WeakKeyDictionary()


def shape_of(function: Callable[..., object]) -> ActorShape:
    """The shape of an actor function, without any `functools.partial` around it.

    Raises:
        GraphError: a type of a port cannot be found, or is missing its item type.
    """
    plain = unwrap(function)
    if not isinstance(plain, types.FunctionType):
        return _read_shape(plain)
    shape = _shapes.get(plain)
    if shape is None:
        shape = _shapes[plain] = _read_shape(plain)
    return shape


def bind(
    shape: ActorShape, function: Callable[..., object], args: tuple[object, ...], kwargs: dict[str, object]
) -> dict[str, object]:
    """What each parameter of an actor function of this shape gets, also through `functools.partial`.

    Raises:
        GraphError: a parameter is missing, or there is none of that name.
    """
    while isinstance(function, functools.partial):
        args, kwargs = (*function.args, *args), {**function.keywords, **kwargs}
        function = function.func
    names = shape.by_position
    if names is not None and len(args) <= len(names):
        arguments = dict(zip(names, args, strict=False)) | kwargs
        named = arguments.keys()
        if len(arguments) == len(args) + len(kwargs) and shape.required <= named <= shape.signature.parameters.keys():
            return arguments  # as below, in a tenth of the time
    try:
        return shape.signature.bind(*args, **kwargs).arguments
    except TypeError as error:
        given = {*list(shape.signature.parameters)[: len(args)], *kwargs}
        loose = "".join(
            f"; port {port.name!r} is not connected: pass it an {'Inbox' if port.direction == 'in' else 'Outbox'} of "
            f"{describe(port.carries)}"
            for port in shape.ports.values()
            if port.required and port.name not in given
        )
        raise GraphError(f"{error}{loose or f'; it takes {shape.name}{_parameters_of(shape.signature)}'}") from error


def _parameters_of(signature: inspect.Signature) -> str:
    """The parameters as they are written in a call, without their types."""
    bare = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in signature.parameters.values()]
    return str(inspect.Signature(bare))


def _read_shape(function: Callable[..., object]) -> ActorShape:
    signature = inspect.signature(function)
    name = getattr(function, "__name__", type(function).__name__)
    ports: dict[str, Port] = {}
    for parameter, hint in _port_hints_of(function).items():
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
    return ActorShape(
        name=name,
        signature=signature,
        ports=ports,
        is_async=inspect.iscoroutinefunction(code_of(function)),
        by_position=_by_position(signature),
        required=frozenset(key for key, one in signature.parameters.items() if one.default is one.empty),
    )


def code_of(function: Callable[..., object]) -> Callable[..., object]:
    """The function that is run when this is called: itself, or the `__call__` of an object."""
    plain = unwrap(function)
    return plain if inspect.isroutine(plain) or isinstance(plain, type) else type(plain).__call__


def _by_position(signature: inspect.Signature) -> tuple[str, ...] | None:
    """What may be given by position or by name; None if there is anything that only one of these can give."""
    kinds = {one.kind for one in signature.parameters.values()}
    if not kinds <= {inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY}:
        return None
    return tuple(
        key for key, one in signature.parameters.items() if one.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    )


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


def _port_hints_of(function: Callable[..., object]) -> dict[str, object]:
    """Like `hints_of`, but only of what may be a port: types of settings may be known to the type checker alone."""
    target = function if inspect.isroutine(function) else type(function).__call__
    annotations = getattr(target, "__annotations__", {})
    try:
        return typing.get_type_hints(target)
    except NameError:
        may_be_ports = {
            key: hint for key, hint in annotations.items() if "box[" in str(hint) or "box" == str(hint)[-3:]
        }
    only_ports = types.FunctionType(_nothing.__code__, target.__globals__, target.__name__)
    only_ports.__annotations__ = may_be_ports
    only_ports.__module__, only_ports.__qualname__ = target.__module__, target.__qualname__
    return hints_of(only_ports)


def _nothing() -> None:
    """The body of a function that is made only for its annotations."""


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
    """What a plain-function stage makes, by its return annotation: without None, and what a list holds."""
    return without_containers(hints_of(unwrap(function)).get("return", object), (list,))


#: What a transform may return its items in.
CONTAINERS: Final = (
    list,
    tuple,
    collections.abc.Iterable,
    collections.abc.Sequence,
    collections.abc.Iterator,
    collections.abc.Generator,
)


def without_containers(hint: object, containers: tuple[type, ...] = CONTAINERS) -> Carried:
    """The item types in `T | None`, `list[T]`, `Iterable[T]` and the like."""
    parts = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    found: set[object] = set()
    for part in parts:
        if part is type(None):
            continue
        origin = get_origin(part)
        if origin in containers:
            inner = get_args(part)[:1] if origin is collections.abc.Generator else get_args(part)
            found.update(*(members(argument) for argument in inner if argument is not Ellipsis))
        else:
            found |= members(part)
    return frozenset(found)


@functools.lru_cache(maxsize=1024)
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
