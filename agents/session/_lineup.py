"""What a session is made of: which parts it has, which actors follow from that, and what it cannot do without. Pure.

No mode has a name. What is there says it: with a recogniser alone a session listens, with a voice alone it speaks, and
with a language model alone it writes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import attrs

from trialogue.agents.session._cast import playing
from trialogue.engine import ConfigurationError, FindsEdges

if TYPE_CHECKING:
    from trialogue.actors import InterruptionSettings, TurnSettings
    from trialogue.agents.session._cast import Parts

#: Each actor, and the parts that it needs: it exists where all of them are there. "ears" is anybody who hears the user.
ACTORS: Final[Mapping[str, frozenset[str]]] = {
    # of the session
    "microphone": frozenset({"transport"}),
    "speaker": frozenset({"transport"}),
    "recorder": frozenset({"transport", "recording"}),
    "denoise": frozenset({"denoiser", "ears"}),
    "vad": frozenset({"vad"}),
    "stt": frozenset({"stt"}),
    "turn_detector": frozenset({"turn_detector", "vad", "stt"}),
    "turn": frozenset(),
    # of a reply; `given_text` writes what was given to `say`, `page` is where it goes that nobody speaks
    "llm": frozenset({"llm"}),
    "given_text": frozenset(),
    "sentences": frozenset({"tts"}),
    "tts": frozenset({"tts"}),
    "audio_out": frozenset({"tts"}),
    "page": frozenset(),
}

#: Each part in words, and how to give it to a session.
_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "llm": ("a language model", "Models(llm=...), or an agent that brings one: Agent(llm=...)"),
    "tts": ("a voice", "Models(tts=...), or an agent that brings one: Agent(tts=...)"),
    "stt": ("a recogniser", "Models(stt=...), or an agent that brings one: Agent(stt=...)"),
    "vad": ("a voice-activity detector", "Models(vad=...)"),
    "ears": ("anybody who hears the user", "Models(vad=..., stt=...)"),
    "transport": ("a transport", "Session(transport=...)"),
}

#: Of these a session needs at least one.
_ENOUGH: Final = frozenset({"vad", "stt", "llm", "tts"})

#: These hear or make sound.
_SOUND: Final = ("vad", "stt", "tts", "recording")


class PartMissingError(ConfigurationError):
    """Something was asked of a session that needs a part which is not there.

    Args:
        part: its name, such as "llm"; "ears" is a detector or a recogniser.
        who: what needs it.
    """

    def __init__(self, part: str, who: str) -> None:
        what, remedy = _WORDS[part]
        super().__init__(f"{who} needs {what}, and this session has none; give it {remedy}")
        self.part = part


def names_of(**parts: object) -> frozenset[str]:
    """The names of what is there, and "ears" where anybody hears the user; None is not there."""
    there = frozenset(name for name, part in parts.items() if part is not None)
    return there | {"ears"} if there & {"vad", "stt"} else there


def actors_for(there: frozenset[str]) -> frozenset[str]:
    """The actors that exist where these parts are there."""
    return frozenset(actor for actor, needs in ACTORS.items() if needs <= there)


def check_line_up(parts: Parts, there: frozenset[str]) -> None:
    """See that a session can be made of its parts.

    Args:
        parts: the models.
        there: the names of all that is there.

    Raises:
        ConfigurationError: there is nothing, or something that cannot do its work.
    """
    if not there & _ENOUGH:
        raise ConfigurationError(
            "a session needs at least one of Models.llm (to write), tts (to speak), stt (to understand) and vad (to "
            "hear when somebody speaks), and there is none"
        )
    for part in _SOUND:
        if part in there and "transport" not in there:
            raise PartMissingError("transport", f"Models.{part}" if part != "recording" else "a recording")
    check_ears(parts)


def check_ears(parts: Parts) -> None:
    """See that those who hear the user go together.

    Raises:
        PartMissingError: a recogniser must be told where speech begins and ends, and nobody tells it.
    """
    stt = playing(parts.stt)
    if stt is not None and "vad" not in parts.there and not (isinstance(stt, FindsEdges) and stt.finds_edges):
        raise PartMissingError("vad", f"{type(stt).__name__}, which does not find out itself when somebody speaks,")


def turn_settings_for(wanted: TurnSettings, there: frozenset[str]) -> TurnSettings:
    """The settings of turn-taking, as far as those who hear the user can follow them.

    Args:
        wanted: the settings.
        there: the names of all that is there.
    """
    if "ears" not in there:  # nobody hears whether the user is still there, but one who types is
        return wanted if "llm" in there else attrs.evolve(wanted, away_after_s=math.inf)
    if "vad" not in there:
        return attrs.evolve(wanted, edges="stt")
    if "stt" in there:
        return wanted
    return attrs.evolve(  # no word will ever come: voice alone counts, and nobody waits for more
        wanted,
        edges="vad",
        interruption=_by_voice(wanted.interruption),
        interruption_thinking=_by_voice(wanted.interruption_thinking),
        endpointing=attrs.evolve(wanted.endpointing, transcript_deadline_s=wanted.endpointing.min_delay_s),
    )


def _by_voice(settings: InterruptionSettings) -> InterruptionSettings:
    return settings if settings.mode == "off" else attrs.evolve(settings, mode="vad")
