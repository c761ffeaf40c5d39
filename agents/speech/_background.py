"""Background sound in a session: ambience, a sound while the agent thinks, and what the program plays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from trialogue.actors import Clip, Mixer, MixerSettings
from trialogue.agents.events._events import (
    AgentPaused,
    AgentStartedSpeaking,
    AgentStartedThinking,
    AgentStoppedSpeaking,
    Event,
    ToolFinished,
    ToolPaused,
    ToolResumed,
    ToolStarted,
)
from trialogue.engine._checks import at_least, between
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from trialogue.actors import AudioTrack, BackgroundSound
    from trialogue.frames import AudioFormat


@frozen(kw_only=True)
class BackgroundSettings:
    """What sounds besides the voice. Clips may have any rate.

    Args:
        ambience: heard from the beginning to the end of the call, again and again; None is silence.
        ambience_volume: 0 to 1.
        thinking: heard while an answer is thought of, and while tools run for it; None is silence.
        thinking_volume: 0 to 1.
        thinking_after_s: only when the agent has been silent for so long, seconds; a quick answer has none of it.
        fade_s: how long these two take to come and go, seconds.
        mixer: how much of it all is heard under speech.
    """

    ambience: Clip | None = None
    ambience_volume: float = attrs.field(default=0.5, validator=between(0, 1))
    thinking: Clip | None = None
    thinking_volume: float = attrs.field(default=0.5, validator=between(0, 1))
    thinking_after_s: float = attrs.field(default=0.5, validator=at_least(0))
    fade_s: float = attrs.field(default=0.3, validator=at_least(0))
    mixer: MixerSettings = attrs.Factory(MixerSettings)


class Background:
    """What sounds in a session besides the voice; see `Session.background`. It goes on when the agent is interrupted.

    Args:
        settings: what sounds of itself.
        format: of the speaker; mono int16.
    """

    def __init__(self, settings: BackgroundSettings, format: AudioFormat) -> None:
        self._settings = settings
        self._mixer = Mixer(format, settings.mixer)
        self._rate_hz = format.rate_hz
        self._ambience_clip = _at_rate(settings.ambience, format.rate_hz)
        self._thinking_clip = _at_rate(settings.thinking, format.rate_hz)
        self._track: AudioTrack | None = None
        self._thinking: BackgroundSound | None = None
        self._tools = 0  # that are at work
        #: The ambience, to be faded or stopped; None where there is none, or the session has not begun.
        self.ambience: BackgroundSound | None = None

    def play(self, clip: Clip, *, volume: float = 1.0, loop: bool = False, fade_in_s: float = 0.0) -> BackgroundSound:
        """Play a sound now, under the voice if it speaks. Synchronous.

        Args:
            clip: the sound. One of another rate than the speaker's is converted, here and now: better load it by
                Clip.from_file before.
            volume: 0 to 1.
            loop: again and again, until it is stopped.
            fade_in_s: so long it takes to its volume, seconds.

        Returns:
            A handle, to fade or stop it.

        Raises:
            ConfigurationError: there is no such volume.
        """
        sound = self._mixer.play(clip.at_rate(self._rate_hz), volume=volume, loop=loop, fade_in_s=fade_in_s)
        self._let_sound()
        return sound

    def begin(self, track: AudioTrack) -> None:
        """The session begins. For the session."""
        self._track = track
        if self._ambience_clip is not None:
            self.ambience = self._mixer.play(
                self._ambience_clip,
                volume=self._settings.ambience_volume,
                loop=True,
                fade_in_s=self._settings.fade_s,
            )
        self._let_sound()

    def observe(self, event: Event) -> None:
        """Something happened: the agent may think now, or not any more. For the session."""
        match event:
            case AgentStartedThinking(kind="answer"):
                self._think()
            case ToolStarted() | ToolResumed():
                self._tools += 1
                self._think()
            case ToolFinished() | ToolPaused():
                self._tools -= 1
            case AgentStartedSpeaking() if self._tools:
                pass  # the agent says that it will look; the thinking is heard when that was said
            case AgentStartedSpeaking() | AgentPaused() | AgentStoppedSpeaking():
                self._stop_thinking()
            case _:
                pass

    def _think(self) -> None:
        if self._thinking_clip is None or self._thinking is not None:
            return
        self._thinking = self._mixer.play(
            self._thinking_clip,
            volume=self._settings.thinking_volume,
            loop=True,
            after_silence_s=self._settings.thinking_after_s,
        )
        self._let_sound()

    def _stop_thinking(self) -> None:
        if self._thinking is not None:
            self._thinking.stop(self._settings.fade_s)
            self._thinking = None

    def _let_sound(self) -> None:
        if self._track is not None:
            self._track.put_under(self._mixer)


def _at_rate(clip: Clip | None, rate_hz: int) -> Clip | None:
    return None if clip is None else clip.at_rate(rate_hz)
