"""Why the user is muted, if so. Pure."""

from __future__ import annotations

from typing import Final, Literal

#: When the user is muted without the program's doing.
MuteStrategy = Literal["until the first reply is over", "while tools run", "while the agent speaks"]

UNTIL_THE_FIRST_REPLY: Final[MuteStrategy] = "until the first reply is over"
WHILE_TOOLS_RUN: Final[MuteStrategy] = "while tools run"
WHILE_THE_AGENT_SPEAKS: Final[MuteStrategy] = "while the agent speaks"

#: The reason where the program wants it.
BY_THE_PROGRAM: Final = "the program"

#: The reason while a call is drained.
UNTIL_ALL_IS_SAID: Final = "until all is said"

#: The reason while somebody is called whom the user wants to speak with.
WHILE_CALLING: Final = "while somebody is called"

#: The reason in an outbound call that was answered just now.
WHO_ANSWERS: Final = "until it is known who answers"


class Mute:
    """The reasons for which the user is muted now; any one is enough.

    Args:
        strategies: which of them count, beside those that always do.
    """

    def __init__(self, strategies: tuple[MuteStrategy, ...]) -> None:
        self._known = (BY_THE_PROGRAM, UNTIL_ALL_IS_SAID, WHILE_CALLING, WHO_ANSWERS, *strategies)
        self._reasons: set[str] = set()

    def begin(self, reason: str) -> bool:
        """There is a reason from now on; whether the user is muted by it who was not before."""
        if reason not in self._known or reason in self._reasons:
            return False
        self._reasons.add(reason)
        return len(self._reasons) == 1

    def end(self, reason: str) -> bool:
        """The reason is none any more; whether the user is not muted now who was before."""
        if reason not in self._reasons:
            return False
        self._reasons.remove(reason)
        return not self._reasons
