"""Tools: what the model is told of a function, and what becomes of the arguments that it writes."""

from __future__ import annotations

import contextlib
import enum
import json
from typing import Literal

import hypothesis
import hypothesis.strategies as st
import pytest

from trialogue.agents import Agent, ToolArgumentsError, tool
from trialogue.engine import ConfigurationError


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
            "number": {"type": "integer", "description": "how many."},
            "price": {"type": "number"},
            "spicy": {"type": "boolean"},
            "size": {"enum": ["small", "large"]},
            "drink": {"enum": ["water", "wine", 7]},
            "extras": {"type": "array", "items": {"type": "string"}},
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
    assert json.loads(await order.run(json.dumps(written))) == {
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
        ("[]", "must be a JSON object"),
        ("{}", r"without \['dish'\]; it takes dish, number"),
        ('{"dish": "x", "colour": 1}', r"unknown arguments \['colour'\]"),
        ('{"dish": null}', "dish must be str, not None"),
        ('{"dish": {"a": 1}}', "dish must be str"),
        ('{"dish": "x", "number": "many"}', "number must be int, not 'many'"),
        ('{"dish": "x", "number": 4.5}', "number must be int, not 4.5"),
        ('{"dish": "x", "number": true}', "number must be int, not True"),
        ('{"dish": "x", "number": [1]}', "number must be int"),
        ('{"dish": "x", "price": NaN}', "price must be float, not nan"),
        ('{"dish": "x", "price": Infinity}', "price must be float, not inf"),
        ('{"dish": "x", "spicy": 1}', "spicy must be bool, not 1"),
        ('{"dish": "x", "spicy": "perhaps"}', "spicy must be bool, not 'perhaps'"),
        ('{"dish": "x", "size": "huge"}', r"size must be one of \['small', 'large'\], not 'huge'"),
        ('{"dish": "x", "drink": ["wine"]}', "drink must be one of"),
        ('{"dish": "x", "extras": "salt"}', "extras must be a list, not 'salt'"),
        ('{"dish": "x", "extras": [[]]}', r"extras\[0\] must be str, not \[\]"),
    ],
)
async def test_arguments_that_do_not_fit_are_told_in_a_sentence(arguments: str, message: str) -> None:
    with pytest.raises(ToolArgumentsError, match=message):
        await order.run(arguments)


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
        assert await take.run(json.dumps(values)) == "null"
        assert called
        return
    assert not called


async def test_a_plain_function_is_a_tool_too_and_its_result_is_json() -> None:
    def now(zone: str) -> list[object]:
        """What time it is."""
        return [zone, 12, None, "ü"]

    agent = Agent(instructions="", tools=[now])
    assert await agent.tools["now"].run('{"zone": "CET"}') == '["CET", 12, null, "ü"]'


def test_functions_that_cannot_be_tools_are_refused() -> None:
    def silent(a: int) -> None: ...

    def bad(a: dict[str, int]) -> None:
        """Take a dict."""

    def either(a: int | str) -> None:
        """Take one of two."""

    def anything(**rest: int) -> None:
        """Take anything."""

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
