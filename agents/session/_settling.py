"""What lives as long as a session, brought in line with who plays in it now, and by which settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from trialogue.actors import TurnSettingsChanged
from trialogue.agents.session._lineup import turn_settings_for
from trialogue.engine import ConfigurationError
from trialogue.frames._attrs import define

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from trialogue.actors import TurnSettings
    from trialogue.agents._agent import Agent
    from trialogue.agents._settings import SessionSettings
    from trialogue.agents.session._cast import Cast, Parts
    from trialogue.agents.session._floor import ConversationFloor
    from trialogue.agents.session._time import SessionTime
    from trialogue.agents.speech._page import WayOut

#: What a session is built by; the rest of its settings may change while it runs.
_FIXED = ("recorder", "conversation", "tool_s")


def check_change(now: SessionSettings, wanted: SessionSettings) -> None:
    """See that settings may change so in the middle of a call.

    Raises:
        ConfigurationError: one of them may not.
    """
    for name in _FIXED:
        if getattr(now, name) != getattr(wanted, name):
            raise ConfigurationError(
                f"SessionSettings.{name} cannot change in the middle of a call; make the new settings from those of "
                f"the session, as in attrs.evolve(session.settings, turn=...)"
            )
    if now.audio_out.frame_s != wanted.audio_out.frame_s:
        raise ConfigurationError("AudioOutSettings.frame_s cannot change in the middle of a call: the track keeps it")


def changed_stages(now: SessionSettings, wanted: SessionSettings) -> tuple[str, ...]:
    """The names of the stages whose settings are others."""
    names = [field.name for field in attrs.fields(type(now))]
    return tuple(name for name in names if getattr(now, name) != getattr(wanted, name))


def turn_settings_of(agents: Iterable[Agent], otherwise: TurnSettings) -> TurnSettings:
    """Those of the first agent that has some of its own."""
    return next((agent.turn for agent in agents if agent.turn is not None), otherwise)


@define(kw_only=True, eq=False)
class Settling:
    """Tells whoever must know what has changed.

    Args:
        there: the names of what is there while some models play.
        floor: tells the turn policy.
        way_out: where replies go.
        time: session time.
        turn: the settings of turn-taking that were told last.
    """

    there: Callable[[Parts], frozenset[str]]
    floor: ConversationFloor
    way_out: WayOut
    time: SessionTime
    turn: TurnSettings

    def settle(self, cast: Cast, agents: Iterable[Agent]) -> None:
        """Bring all in line. Synchronous.

        Args:
            cast: who plays now, and by which settings.
            agents: who has the conversation, and on top of whom; innermost first.
        """
        wanted = turn_settings_for(turn_settings_of(agents, cast.settings.turn), self.there(cast.parts))
        if wanted != self.turn:
            self.turn = wanted
            self.floor.tell(TurnSettingsChanged(at_s=self.time.now_s, settings=wanted))
        if self.way_out.track is not None:
            self.way_out.track.change(cast.settings.audio_out)
