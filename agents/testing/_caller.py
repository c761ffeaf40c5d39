"""The simulated caller, for scripts: says, coughs, listens, hangs up. And the program's side of the call."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final, Protocol

import attrs
import trio

from trialogue.agents.events._events import AgentStartedSpeaking, AgentStoppedSpeaking
from trialogue.agents.testing._actions import Action, Beeps, Coughs, HangsUp, Presses, ProgramDoes, Says, WireBreaks
from trialogue.agents.testing._fake_stt import Utterance
from trialogue.agents.testing._telephone import press_s
from trialogue.agents.testing._voice import Saying
from trialogue.frames._attrs import define

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trialogue.agents.events._events import Event
    from trialogue.agents.session._session import Session
    from trialogue.agents.speech._reply import Reply
    from trialogue.agents.testing._key_ear import KeyEar
    from trialogue.agents.testing._scenario import Recognition
    from trialogue.agents.testing._telephone import Telephone
    from trialogue.agents.testing._voice import CallerVoice

#: How long a caller waits for something to be said, seconds: then nobody listens any more.
PATIENCE_S: Final = 30.0


class NotHeard(AssertionError):
    """The caller has waited in vain for something that the agent was to say."""


class Listening(Protocol):
    """What the caller's ear needs of the agent's track."""

    @property
    def heard(self) -> int:
        """How much of the text of the reply that has the speaker was heard by now, in characters."""


@define(kw_only=True, eq=False)
class Ear:
    """What the caller has heard of the agent, as text, up to now.

    Args:
        track: the agent's.
        source: the text of the reply that is spoken now, as far as it is written.
        heard_at_s: when so many characters of it will have been heard, on Trio's clock, where that is known ahead.
        keys: hears the keys that the agent presses.
    """

    track: Listening
    source: Callable[[], str]
    heard_at_s: Callable[[int], float | None]
    keys: KeyEar
    _before: str = ""  # of replies that are over
    _speaking: bool = False
    _waiting: trio.lowlevel.ParkingLot = attrs.Factory(trio.lowlevel.ParkingLot)

    def observe(self, event: Event) -> None:
        """An event of the session."""
        match event:
            case AgentStartedSpeaking():
                self._speaking = True
            case AgentStoppedSpeaking():
                self._speaking = False
                self._before = f"{self._before} {_plain(event.heard)}".strip()
            case _:
                self.keys.observe(event)
        self.prick_up()

    @property
    def speaking(self) -> bool:
        """Whether the agent speaks."""
        return self._speaking

    @property
    def text(self) -> str:
        """All that was heard in the call, with single spaces."""
        now = self.source()[: self.track.heard] if self._speaking else ""
        return f"{self._before} {_plain(now)}".strip()

    def prick_up(self) -> None:
        """Something was heard, or has happened. Synchronous."""
        self._waiting.unpark_all()

    async def next_news(self, phrase: str) -> None:
        """Wait until there may be more, or a phrase of the reply that is spoken now will have been heard."""
        source, heard = (self.source(), self.track.heard) if self._speaking else ("", 0)
        places = re.finditer(r"\s+".join(map(re.escape, phrase.split())) or r"(?!)", source)
        end = next((place.end() for place in places if place.end() > heard), None)
        known_s = None if end is None else self.heard_at_s(end)
        with trio.move_on_at(math.inf if known_s is None else known_s):
            await self._waiting.park()


def _plain(text: str) -> str:
    return " ".join(text.split())


class Caller:
    """The caller, as a script holds them. Times are seconds since the call began.

    Args:
        session: of the call.
        voice: what is said.
        telephone: how to go.
        ear: what is heard.
        recognition: how what is said is understood.
    """

    def __init__(
        self, session: Session, *, voice: CallerVoice, telephone: Telephone, ear: Ear, recognition: Recognition
    ) -> None:
        #: The program's side: a script may do with it what a program does.
        self.session = session
        #: Replies that the program has asked for in this script.
        self.asked_for: list[Reply] = []
        self._voice = voice
        self._telephone = telephone
        self._ear = ear
        self._recognition = recognition
        self._listened_to = 0  # how much of the text was waited for already
        self._keys_listened_to = 0  # and how many keys

    @property
    def now_s(self) -> float:
        """Seconds since the call began."""
        return self._voice.now_s

    async def says(self, text: str, *, for_s: float | None = None, understood: Utterance | str | None = None) -> None:
        """Say something, to its end.

        Args:
            text: the words.
            for_s: how long; by default each word takes 0.3 s.
            understood: what the recogniser makes of it; by default just that.
        """
        if isinstance(understood, str):
            understood = self._recognition.of(Says(at_s=0, text=understood, for_s=for_s))
        await self._utter(Says(at_s=self.now_s, text=text, for_s=for_s, understood=understood))

    async def coughs(self, for_s: float = 0.3) -> None:
        """Make a sound that is taken for speech, but has no words."""
        await self._utter(Coughs(at_s=self.now_s, for_s=for_s))

    async def beeps(self, for_s: float = 0.4, *, hz: float = 1000.0) -> None:
        """Beep, as a mailbox does after its greeting; without sound, that is a sound without words."""
        self._act(Beeps(at_s=self.now_s, for_s=for_s, hz=hz))
        await self.waits(for_s)

    async def waits(self, for_s: float) -> None:
        """Say nothing for a while."""
        await trio.sleep(for_s)

    async def waits_until(self, at_s: float) -> None:
        """Say nothing until then."""
        await trio.sleep_until(self._voice.epoch_s + at_s)

    async def hears(self, phrase: str, *, within_s: float = PATIENCE_S) -> None:
        """Wait until the agent has said some words to their end, after those that were waited for before.

        Args:
            phrase: the words.
            within_s: how long to wait.

        Raises:
            NotHeard: they were not said.
        """
        phrase = _plain(phrase)
        with trio.move_on_after(within_s):
            while (at := self._ear.text.find(phrase, self._listened_to)) < 0:
                await self._ear.next_news(phrase)
            self._listened_to = at + len(phrase)
            return
        raise NotHeard(
            f"at {self.now_s:.2f} s the caller has waited {within_s:g} s for {phrase!r} and has heard "
            f"{self._ear.text[self._listened_to :].strip() or 'nothing'!r}"
        )

    async def hears_the_end(self, *, within_s: float = PATIENCE_S) -> None:
        """Wait until the agent has begun to speak, if it does not yet, and has stopped.

        Raises:
            NotHeard: it did not begin, or did not stop.
        """
        with trio.move_on_after(within_s):
            for speaking in (True, False):
                while self._ear.speaking is not speaking:
                    await self._ear.next_news("")
            self._listened_to = len(self._ear.text)
            return
        raise NotHeard(f"at {self.now_s:.2f} s the agent has not begun and ended to speak for {within_s:g} s")

    async def presses(self, keys: str) -> None:
        """Press keys of the telephone, the last to its end.

        Args:
            keys: 0 to 9, `*`, `#`, A to D; a comma is a pause of two seconds.
        """
        end_s = self.now_s + press_s(keys)
        self._telephone.press(keys)
        await self.waits_until(end_s)

    async def hears_keys(self, keys: str, *, within_s: float = PATIENCE_S) -> None:
        """Wait until the agent has pressed keys, after those that were waited for before.

        Args:
            keys: just these and no others, in this order.
            within_s: how long to wait.

        Raises:
            NotHeard: they were not pressed, or others were.
        """
        with trio.move_on_after(within_s):
            while len(heard := self._ear.keys.keys[self._keys_listened_to :]) < len(keys) and keys.startswith(heard):
                await self._ear.next_news("")
        if not heard.startswith(keys):
            raise NotHeard(f"at {self.now_s:.2f} s the caller was to hear the keys {keys!r}, and has heard {heard!r}")
        self._keys_listened_to += len(keys)

    async def hears_a_key(self, *, within_s: float = PATIENCE_S) -> str:
        """Wait for the next key that the agent presses, whichever it is; empty where there is none in that time."""
        with trio.move_on_after(within_s):
            while not (heard := self._ear.keys.keys[self._keys_listened_to :]):
                await self._ear.next_news("")
        self._keys_listened_to += len(heard[:1])
        return heard[:1]

    def hangs_up(self) -> None:
        """Go. Synchronous; nothing can be said afterwards."""
        self._telephone.hang_up()

    async def do(self, actions: Sequence[Action]) -> None:
        """Let things happen at their times; what lasts does not delay what comes next."""
        for action in sorted(actions, key=lambda each: each.at_s):
            await self.waits_until(action.at_s)
            self._act(action)

    def _act(self, action: Action) -> None:
        match action:
            case Says() | Coughs():
                self._begin(action)
            case Beeps():
                self._telephone.beep(action.hz, action.for_s)
                self._begin(Coughs(at_s=action.at_s, for_s=action.for_s))
            case Presses():
                self._telephone.press(action.keys)
            case HangsUp():
                self._telephone.hang_up()
            case WireBreaks():
                self._telephone.break_wire()
            case ProgramDoes():
                self._program_does(action)

    def _program_does(self, action: ProgramDoes) -> None:
        match action.what:
            case "say":
                self.asked_for.append(self.session.say(action.text, protected=action.protected))
            case "reply":
                self.asked_for.append(self.session.reply(action.text, protected=action.protected))
            case "interrupt":
                self.session.interrupt(force=action.protected)
            case without_arguments:
                getattr(self.session, without_arguments)()

    def _begin(self, action: Says | Coughs) -> Saying:
        start_s = self.now_s
        if isinstance(action, Says):
            end_s, text, understood = start_s + action.length_s, action.text, self._recognition.of(action)
        else:
            end_s, text = start_s + action.for_s, ""
            understood = Utterance(text="", final_delay_s=self._recognition.final_delay_s)
        saying = Saying(start_s=start_s, end_s=end_s, text=text, understood=understood)
        self._voice.utter(saying)
        return saying

    async def _utter(self, action: Says | Coughs) -> None:
        await self.waits_until(self._begin(action).end_s)
