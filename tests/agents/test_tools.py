"""Tools: what the model is told of a function, and what becomes of the arguments that it writes."""

from __future__ import annotations

import contextlib
import dataclasses
import enum
import json
import threading
from typing import Annotated, Literal, TypedDict

import attrs
import hypothesis
import hypothesis.strategies as st
import pytest
import trio

from trialogue.agents import Agent, Tool, ToolArgumentsError, ToolSettings, tool
from trialogue.engine import ConfigurationError
from trialogue.frames import ToolSchema


class Size(enum.Enum):
    """How large."""

    SMALL = "small"
    LARGE = "large"


@tool
def order(  # noqa: PLR0913  # one parameter of each kind
    dish: str,
    number: int = 1,
    price: float | None = None,
    spicy: bool = False,
    size: Size = Size.SMALL,
    drink: Literal["water", "wine", 7] = "water",
    extras: list[str] | None = None,
) -> dict[str, object]:
    """Order a dish.

    Call it once the guest has chosen.

    Args:
        dish: what to cook.
        number (int): how many.
    """
    assert isinstance(size, Size)
    return {
        "dish": dish,
        "number": number,
        "price": price,
        "spicy": spicy,
        "size": size.name,
        "drink": drink,
        "extras": extras,
    }


def test_the_schema_says_what_the_function_says() -> None:
    assert order.name == "order"
    assert order.schema.description == "Order a dish.\n\nCall it once the guest has chosen."
    assert json.loads(order.schema.parameters) == {
        "type": "object",
        "properties": {
            "dish": {"type": "string", "description": "what to cook."},
            "number": {"type": "integer", "default": 1, "description": "how many."},
            "price": {"anyOf": [{"type": "number"}, {"type": "null"}]},
            "spicy": {"type": "boolean", "default": False},
            "size": {"enum": ["large", "small"], "default": "small"},
            "drink": {"enum": [7, "water", "wine"], "default": "water"},
            "extras": {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "null"}]},
        },
        "required": ["dish"],
        "additionalProperties": False,
    }


async def test_arguments_come_as_they_are_annotated() -> None:
    written = {
        "dish": 12,
        "number": "4",
        "price": "9.5",
        "spicy": "True",
        "size": "large",
        "drink": "7",
        "extras": ["salt", 3],
    }
    assert await order.run(json.dumps(written)) == {
        "dish": "12",
        "number": 4,
        "price": 9.5,
        "spicy": True,
        "size": "LARGE",
        "drink": 7,
        "extras": ["salt", "3"],
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("{", "the arguments of order are no JSON object"),
        ('{"dish": "x"', "no JSON object"),  # cut off: what is missing would be a guess
        ("[]", "must be a JSON object"),
        ("{}", "missing required field `dish`; it takes dish, number"),
        ('{"dish": "x", "colour": 1}', "unknown field `colour`; it takes dish, number"),
        ('{"dish": null}', "dish must be str, not None"),
        ('{"dish": {"a": 1}}', "dish must be str"),
        ('{"dish": true}', "dish must be str, not True"),
        ('{"dish": "x", "number": "many"}', "number must be int, not 'many'"),
        ('{"dish": "x", "number": 4.5}', "number must be int, not 4.5"),
        ('{"dish": "x", "number": true}', "number must be int, not True"),
        ('{"dish": "x", "number": [1]}', "number must be int"),
        ('{"dish": "x", "price": NaN}', "NaN is no JSON"),
        ('{"dish": "x", "price": 1e999}', "every number must be finite"),
        ('{"dish": "x", "spicy": "perhaps"}', "spicy must be bool, not 'perhaps'"),
        ('{"dish": "x", "size": "huge"}', r"size must be one of \['large', 'small'\], not 'huge'"),
        ('{"dish": "x", "drink": ["wine"]}', "drink must be one of"),
        ('{"dish": "x", "extras": "salt"}', r"extras must be array \| null, not 'salt'"),
        ('{"dish": "x", "extras": [[]]}', r"extras\[0\] must be str, not \[\]"),
        ('{"dish": ' + "[" * 100_000 + "]" * 100_000 + "}", "nested too deeply"),
        ('{"dish": "x", "number": "\\ud83d"}', "a text holds half of a character"),
    ],
)
async def test_arguments_that_do_not_fit_are_told_in_a_sentence(arguments: str, message: str) -> None:
    with pytest.raises(ToolArgumentsError, match=message):
        await order.run(arguments)


async def test_a_raw_schema_takes_no_number_that_json_has_not() -> None:
    schema = ToolSchema(name="weigh", description="x", parameters='{"type": "object"}')
    weigh = Tool.from_schema(lambda **values: values, schema)
    assert await weigh.run('{"kg": 1e3}') == {"kg": 1000.0}
    with pytest.raises(ToolArgumentsError, match="weigh: every number must be finite"):
        await weigh.run('{"kg": 1e999}')


#: What JSON can hold.
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.sampled_from(["small", "true"]),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(max_size=3), values, max_size=2),
    max_leaves=4,
)

parameters = st.sampled_from(["dish", "number", "price", "spicy", "size", "drink", "extras"])


@hypothesis.given(values=st.dictionaries(parameters, json_values))
async def test_a_tool_is_called_with_what_it_wants_or_not_at_all(values: dict[str, object]) -> None:
    called: list[dict[str, object]] = []

    @tool
    def take(  # noqa: PLR0913  # one parameter of each kind
        dish: str = "",
        number: int = 1,
        price: float | None = None,
        spicy: bool = False,
        size: Size = Size.SMALL,
        drink: Literal["water", 7] = "water",
        extras: list[str] | None = None,
    ) -> None:
        """Take anything."""
        assert type(dish) is str
        assert type(number) is int
        assert price is None or type(price) is float
        assert type(spicy) is bool
        assert type(size) is Size
        assert drink in ("water", 7)
        assert type(drink) is not bool
        assert extras is None or all(type(extra) is str for extra in extras)
        called.append({})

    with contextlib.suppress(ToolArgumentsError):
        assert await take.run(json.dumps(values)) is None
        assert called
        return
    assert not called


async def test_a_plain_function_is_a_tool_too_and_its_result_is_json() -> None:
    def now(zone: str) -> list[object]:
        """What time it is."""
        return [zone, 12, None, "ü"]

    agent = Agent(instructions="", tools=[now])
    assert await agent.tools["now"].run('{"zone": "CET"}') == ["CET", 12, None, "ü"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("{'dish': 'soup', 'spicy': True,}", {"dish": "soup", "spicy": True}),
        ('```json\n{"dish": "soup"}\n```', {"dish": "soup"}),
        ('{dish: "soup", number: 2}', {"dish": "soup", "number": 2}),
        (r'"{\"dish\": \"soup\"}"', {"dish": "soup"}),
        ('{"dish": 12345, "extras": [1, "b", 2.5]}', {"dish": "12345", "extras": ["1", "b", "2.5"]}),
        ('{"dish": "soup", "number": "3", "spicy": "false"}', {"dish": "soup", "number": 3, "spicy": False}),
    ],
)
def test_slips_that_models_make_are_mended(written: str, meant: dict[str, object]) -> None:
    assert order.parameters.read(written) == meant


@attrs.frozen
class Guest:
    """Who comes.

    Args:
        name: as it is written.
    """

    name: str
    age: int | None = None


@dataclasses.dataclass
class Place:
    """Where to sit."""

    room: str
    guests: list[Guest]


class Wishes(TypedDict, total=False):
    """What else."""

    quiet: bool
    near: Annotated[str, "a landmark"]


async def test_types_may_be_nested() -> None:
    @tool
    def book(place: Place, wishes: Wishes | None = None, prices: dict[str, float] = {}) -> object:  # noqa: B006  # read only
        """Book a table."""
        return place, wishes, prices

    schema = json.loads(book.schema.parameters)
    assert schema["properties"]["place"] == {"$ref": "#/$defs/Place"}
    assert set(schema["$defs"]) == {"Place", "Guest", "Wishes"}
    assert schema["required"] == ["place"]
    written = {"place": {"room": 7, "guests": [{"name": "Ann", "age": "40"}]}, "wishes": {"quiet": "true"}}
    assert await book.run(json.dumps(written)) == (
        Place(room="7", guests=[Guest(name="Ann", age=40)]),
        {"quiet": True},
        {},
    )
    complaint = r"place.guests\[0\] is not right: Object missing required field `name`, not {}"
    with pytest.raises(ToolArgumentsError, match=complaint):
        await book.run('{"place": {"room": "a", "guests": [{}]}}')


def test_a_raw_schema_and_other_names_are_told_as_they_are() -> None:
    schema = ToolSchema(name="raw", description="Do it.", parameters='{"type": "object", "properties": {"a": {}}}')
    raw = Tool.from_schema(lambda **values: values, schema)
    assert raw.schema is schema
    assert raw.parameters.read('{"a": 1, "b": [null]}') == {"a": 1, "b": [None]}
    with pytest.raises(ConfigurationError, match="a JSON schema of the type 'object'"):
        Tool.from_schema(print, ToolSchema(name="raw", description="", parameters='{"type": "string"}'))

    @tool(name="find", description="Find anything.", settings=ToolSettings(timeout_s=2))
    def search(text: str) -> str:
        return text

    assert (search.schema.name, search.schema.description, search.settings.timeout_s) == ("find", "Find anything.", 2)
    assert search("still a function") == "still a function"


class Waiter(Agent):
    """Has a tool of its own."""

    tables = 3

    @tool
    def count(self, of: str) -> str:
        """Count something."""
        return f"{self.tables} {of}"


class HeadWaiter(Waiter):
    """And another one."""

    @tool
    async def promise(self) -> str:
        """Promise something."""
        await trio.lowlevel.checkpoint()
        return "soon"


async def test_methods_are_tools_of_their_agent() -> None:
    agent = HeadWaiter(instructions="", tools=[order])
    assert list(agent.tools) == ["count", "promise", "order"]
    assert "self" not in agent.tools["count"].schema.parameters
    agent.tables = 9
    assert await agent.tools["count"].run('{"of": "tables"}') == "9 tables"
    assert await agent.tools["promise"].run("{}") == "soon"


async def test_a_function_that_blocks_runs_in_a_thread() -> None:
    @tool(settings=ToolSettings(runs_on="thread"))
    def where() -> int:
        """Where it runs."""
        return threading.get_ident()

    assert await where.run("{}") != threading.get_ident()


@pytest.mark.parametrize(
    "settings", [{"timeout_s": 0}, {"runs_on": "moon"}, {"duplicates": "maybe"}, {"filler_after_s": -1}]
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(settings))):
        ToolSettings(**settings)  # type: ignore[arg-type]  # that is the point


def test_what_a_tool_returns_may_be_known_to_type_checkers_alone() -> None:
    def send(to: str) -> Unknown:  # type: ignore[name-defined]  # noqa: F821  # that is the point
        """Send it."""

    def take(what: Unknown) -> None:  # type: ignore[name-defined]  # noqa: F821  # that is the point
        """Take it."""

    assert tool(send).name == "send"
    with pytest.raises(ConfigurationError, match=r"tool take: .* 'Unknown' is not defined; define it in the module"):
        tool(take)


def test_an_async_function_runs_in_no_thread() -> None:
    async def look() -> None:
        """Look."""

    in_thread = ToolSettings(runs_on="thread")
    with pytest.raises(ConfigurationError, match="tool look is an `async def`"):
        tool(settings=in_thread)(look)
    with pytest.raises(ConfigurationError, match="tool look is an `async def`"):
        Tool.from_schema(look, ToolSchema(name="look", description="x", parameters='{"type": "object"}'), in_thread)


def test_functions_that_cannot_be_tools_are_refused() -> None:
    def silent(a: int) -> None: ...

    def bad(a: complex) -> None:
        """Take what JSON has not."""

    def either(a: Agent | int) -> None:
        """Take one of two."""

    def anything(**rest: int) -> None:
        """Take anything."""

    for name in ("größe", "the time", "x" * 65):
        with pytest.raises(ConfigurationError, match="a tool cannot be called"):
            tool(name=name)(either)
    with pytest.raises(ConfigurationError, match="silent: write a docstring"):
        tool(silent)
    for function in (bad, either):
        with pytest.raises(
            ConfigurationError, match=f"{function.__name__}: the type .* of parameter 'a' cannot be said"
        ):
            tool(function)
    with pytest.raises(ConfigurationError, match=r"anything: the model passes arguments by name; \*\*rest"):
        tool(anything)
    with pytest.raises(ConfigurationError, match="two tools are called 'order'"):
        Agent(instructions="", tools=[order, order])
