"""Patterns that are compiled when they are first used, or before, while nobody waits for an answer.

To compile the patterns of the text path takes a tenth of a second, and most replies need few of them.
"""

from __future__ import annotations

import re
from typing import Final, cast, final
from weakref import WeakSet

#: What one may do with such a pattern.
_METHODS: Final = ("finditer", "findall", "fullmatch", "match", "search", "split", "sub", "subn")


def later(source: str, flags: int = 0) -> re.Pattern[str]:
    """Like `re.compile`, but it compiles when the pattern is first used; an error in it shows only then."""
    return cast("re.Pattern[str]", _Later(source, flags))


def compile_pending() -> None:
    """Compile what was not used yet; several threads may do it at once, and share the work."""
    while True:
        try:
            pending = _PENDING.pop()
        except KeyError:
            return
        pending.compile()


@final
class _Later:
    """Has what is used of `re.Pattern`; the methods are the compiled pattern's own, so that a call costs no detour.

    Args:
        source: the pattern.
        flags: as for `re.compile`.
    """

    __slots__ = ("__weakref__", "_flags", "pattern", *_METHODS)

    def __init__(self, source: str, flags: int) -> None:
        self.pattern = source
        self._flags = flags
        _PENDING.add(self)

    def compile(self) -> None:
        """Be compiled."""
        compiled = re.compile(self.pattern, self._flags)
        for name in _METHODS:
            setattr(self, name, getattr(compiled, name))
        _PENDING.discard(self)

    def __getattr__(self, name: str) -> object:
        """Only reached while nothing stands in the method's slot."""
        if name not in _METHODS:
            raise AttributeError(f"a pattern that is compiled later has no {name}: see {__name__}")
        self.compile()
        return object.__getattribute__(self, name)


#: What has not been compiled yet.
_PENDING: Final[WeakSet[_Later]] = WeakSet()
