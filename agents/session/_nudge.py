"""A word to a user who has said nothing for long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialogue.agents.speech._reply import Asked

if TYPE_CHECKING:
    from trialogue.agents._settings import NudgeSettings
    from trialogue.agents.speech._mouth import Mouth


class Nudger:
    """Speaks to a user who is away, until the user is back or it was often enough.

    Args:
        mouth: speaks.
        settings: what it says, and how often; None for never.
    """

    def __init__(self, mouth: Mouth, settings: NudgeSettings | None) -> None:
        self._mouth = mouth
        self._settings = settings
        self._said = 0

    def went_away(self) -> None:
        """The user has said nothing for long; told again where that is so after a nudge."""
        settings = self._settings
        if settings is None or self._said >= settings.at_most or self._mouth.queue.busy:
            return
        self._said += 1
        if settings.text:
            self._mouth.ask_for(Asked(kind="say", text=settings.text))
        elif self._mouth.can_answer:
            self._mouth.ask_for(Asked(kind="answer", instructions=settings.instructions))

    def came_back(self) -> None:
        """The user speaks again."""
        self._said = 0
