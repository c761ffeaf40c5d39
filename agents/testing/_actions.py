"""What happens in a simulated call from outside: what the caller does, and the program. Data, so that it can shrink."""

from __future__ import annotations

from typing import Final, Literal

from trialogue.agents.testing._fake_stt import Utterance
from trialogue.frames._attrs import frozen

#: How long a word of the caller takes where nobody says otherwise, seconds: 200 words a minute.
WORD_S: Final = 0.3


@frozen(kw_only=True)
class Says:
    """The caller says something; a sign of listening ("mhm"), too.

    Args:
        at_s: from when, seconds since the call began.
        text: the words.
        for_s: how long; by default each word takes 0.3 s.
        understood: what the recogniser makes of it, and when; None lets it understand as the scenario says.
    """

    at_s: float
    text: str
    for_s: float | None = None
    understood: Utterance | None = None

    @property
    def length_s(self) -> float:
        """How long it lasts, seconds."""
        return WORD_S * max(1, len(self.text.split())) if self.for_s is None else self.for_s


@frozen(kw_only=True)
class Coughs:
    """A sound without words that is taken for speech: a cough, a door, another voice.

    Args:
        at_s: from when, seconds since the call began.
        for_s: how long.
    """

    at_s: float
    for_s: float = 0.3


@frozen(kw_only=True)
class Beeps:
    """A machine at the caller's end beeps; without sound, that is a sound without words.

    Args:
        at_s: from when, seconds since the call began.
        for_s: how long.
        hz: the tone.
    """

    at_s: float
    for_s: float = 0.4
    hz: float = 1000.0


@frozen(kw_only=True)
class Presses:
    """The caller presses keys of the telephone.

    Args:
        at_s: from when, seconds since the call began; each key takes 0.2 s.
        keys: 0 to 9, `*`, `#`, A to D; a comma is a pause of two seconds.
    """

    at_s: float
    keys: str


@frozen(kw_only=True)
class HangsUp:
    """The caller goes.

    Args:
        at_s: when, seconds since the call began.
    """

    at_s: float


@frozen(kw_only=True)
class WireBreaks:
    """The transport fails.

    Args:
        at_s: when, seconds since the call began.
    """

    at_s: float


@frozen(kw_only=True)
class ProgramDoes:
    """The program that holds the session does something.

    Args:
        at_s: when, seconds since the call began.
        what: `say` the text, `reply` with the text as instructions, or what a session's other methods do.
        text: see `what`.
        protected: of what is said, whether the caller's voice does not stop it; of an interruption, whether it stops
            even that.
    """

    at_s: float
    what: Literal["say", "reply", "interrupt", "mute", "unmute", "commit_turn", "clear_turn", "end"]
    text: str = ""
    protected: bool = False


Action = Says | Coughs | Beeps | Presses | HangsUp | WireBreaks | ProgramDoes
