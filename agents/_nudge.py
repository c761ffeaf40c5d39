"""A word to a user who has said nothing for long."""

from __future__ import annotations

from typing import TYPE_CHECKING

import trio

from trialogue.agents._reply import Asked

if TYPE_CHECKING:
    from trialogue.agents._mouth import Mouth
    from trialogue.agents._settings import NudgeSettings


class Nudger:
    """Speaks to a user who is away, again and again, until the user is back or it was often enough.

    Args:
        mouth: speaks.
        settings: what it says; None for nothing.
        pause_s: how long it waits for the user after each time, seconds.
    """

    def __init__(self, mouth: Mouth, settings: NudgeSettings | None, pause_s: float) -> None:
        self._mouth = mouth
        self._settings = settings
        self._pause_s = pause_s
        self._away = trio.Event()
        self._back = trio.Event()

    def went_away(self) -> None:
        """The user has said nothing for long."""
        self._back = trio.Event()
        self._away.set()

    def came_back(self) -> None:
        """The user speaks again."""
        self._away = trio.Event()
        self._back.set()

    async def run(self) -> None:
        """Speak to whoever is away; until cancelled."""
        while self._settings is not None:
            await self._away.wait()
            for _ in range(self._settings.at_most):
                await self._nudge(self._settings)
                with trio.move_on_after(self._pause_s):
                    await self._back.wait()
                if self._back.is_set():
                    break
            await self._back.wait()

    async def _nudge(self, settings: NudgeSettings) -> None:
        if self._back.is_set() or self._mouth.queue.busy:
            return  # somebody speaks already
        if settings.text:
            asked = Asked(kind="say", text=settings.text)
        else:
            asked = Asked(kind="answer", instructions=settings.instructions)
        await self._mouth.ask_for(asked).wait()
