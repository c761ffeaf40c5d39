"""What a user types on a telephone: digits up to a number of them, to a key that ends them, or to a pause. Pure."""

from __future__ import annotations

import math

from trialogue.actors.keypad._tones import TONES
from trialogue.engine import ConfigurationError
from trialogue.frames import KeyPressed
from trialogue.frames._attrs import frozen


@frozen(kw_only=True)
class KeypadSettings:
    """When an entry is complete.

    Args:
        max_keys: after so many keys.
        end_key: or with this one, which is no part of it; empty for none.
        pause_s: or when so long no further key came, seconds.
        first_s: so long the first key may take, seconds; then the entry is empty.
    """

    max_keys: float = math.inf
    end_key: str = "#"
    pause_s: float = 4.0
    first_s: float = 10.0

    def __attrs_post_init__(self) -> None:
        if self.end_key and self.end_key not in TONES:
            raise ConfigurationError(
                f"an entry ends with a key ({''.join(TONES)}), or an empty end_key with none; not with {self.end_key!r}"
            )
        if self.max_keys < 1 or self.pause_s <= 0 or self.first_s <= 0:
            raise ConfigurationError(
                f"an entry needs max_keys >= 1, pause_s > 0 and first_s > 0, not {self.max_keys}, {self.pause_s} and "
                f"{self.first_s}"
            )


@frozen(kw_only=True)
class KeysEntered:
    """An entry is complete.

    Args:
        keys: what was typed; empty if nothing was.
        at_s: when that was certain, seconds.
        ended_by: the number of keys, the key that ends, or a pause.
    """

    keys: str
    at_s: float
    ended_by: str


class KeyCollector:
    """Collects one entry. Use: `on_key` for each key, `on_time` when `deadline` has come.

    Args:
        began_s: when the user was asked, seconds on the clock of the keys.
        settings: when it is complete.
    """

    def __init__(self, began_s: float, settings: KeypadSettings | None = None) -> None:
        self._settings = settings or KeypadSettings()
        #: What was typed so far.
        self.keys = ""
        self.deadline: float | None = began_s + self._settings.first_s

    def ask_until(self, at_s: float) -> None:
        """The user was being asked until then: the first key, if it has not come yet, may take its time from there."""
        if self.deadline is not None and not self.keys:
            self.deadline = max(self.deadline, at_s + self._settings.first_s)

    def on_key(self, key: KeyPressed) -> KeysEntered | None:
        """A key; the entry if it is complete with it. Keys after that are of no matter."""
        if self.deadline is None:
            return None
        if key.key == self._settings.end_key:
            return self._complete(key.at_s, "the end key")
        self.keys += key.key
        if len(self.keys) >= self._settings.max_keys:
            return self._complete(key.at_s, "the number of keys")
        self.deadline = key.at_s + self._settings.pause_s
        return None

    def on_time(self, now_s: float) -> KeysEntered | None:
        """Tell the time; the entry if it is complete now."""
        if self.deadline is None or now_s < self.deadline:
            return None
        return self._complete(now_s, "a pause")

    def _complete(self, at_s: float, ended_by: str) -> KeysEntered:
        self.deadline = None
        return KeysEntered(keys=self.keys, at_s=at_s, ended_by=ended_by)
