"""A setting that cannot work is refused with its name, its value, and what is allowed."""

from __future__ import annotations

import math

import attrs
import pytest

from trialogue.engine import ConfigurationError
from trialogue.engine._checks import Check, above, at_least, between, one_of
from trialogue.frames._attrs import frozen


@pytest.mark.parametrize(
    ("check", "allowed", "refused", "words"),
    [
        (at_least(1), [1, 1.5, math.inf], [0.99, -1, math.nan], "at least 1"),
        (above(0), [0.01, math.inf], [0, -1, math.nan], "more than 0"),
        (between(0, 0.5), [0, 0.25, 0.5], [-0.01, 0.51, math.nan], "between 0 and 0.5"),
        (one_of(["error", "skip"]), ["error"], ["", "Error", None], "one of 'error', 'skip'"),
    ],
)
def test_a_setting_is_allowed_or_refused(
    check: Check, allowed: list[object], refused: list[object], words: str
) -> None:
    @frozen
    class Settings:
        """Of something."""

        value: object = attrs.field(validator=check)

    for value in allowed:
        assert Settings(value).value == value
    for value in refused:
        with pytest.raises(ConfigurationError, match=rf"^Settings\.value must be {words}, not "):
            Settings(value)
