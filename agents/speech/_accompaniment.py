"""What goes along with the agent's speech: captions, and background sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialogue.agents.speech._background import Background
from trialogue.engine import ConfigurationError

if TYPE_CHECKING:
    from trialogue.agents.events._events import Event
    from trialogue.agents.speech._background import BackgroundSettings
    from trialogue.agents.speech._captions import Captions
    from trialogue.agents.speech._page import WayOut
    from trialogue.frames import AudioFormat


class Accompaniment:
    """Follows the agent's speech in a session.

    Args:
        captions: tells them.
        settings: of background sound; None has none.
        format: of the speaker; None where there is none.
    """

    def __init__(self, captions: Captions, settings: BackgroundSettings | None, format: AudioFormat | None) -> None:
        self.captions = captions
        self._background = None if settings is None or format is None else Background(settings, format)

    @property
    def background(self) -> Background:
        """What sounds besides the voice. Raises ConfigurationError where that is not wanted."""
        if self._background is None:
            raise ConfigurationError(
                "this session has no background sound; give it ConversationSettings(background=BackgroundSettings())"
            )
        return self._background

    def begin(self, way_out: WayOut) -> None:
        """The session begins."""
        self.captions.begin(way_out)
        if self._background is not None and way_out.track is not None:
            self._background.begin(way_out.track)

    def observe(self, event: Event) -> None:
        """Something happened."""
        self.captions.observe(event)
        if self._background is not None:
            self._background.observe(event)
