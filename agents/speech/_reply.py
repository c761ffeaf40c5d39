"""Replies: what the agent says in one go, and the handle on it."""

from __future__ import annotations

from collections.abc import AsyncIterable
from typing import TYPE_CHECKING, Literal, Protocol

import attrs
import trio

from trialogue.actors import check_ready_sound
from trialogue.agents.tools._tool_choice import ToolChoice
from trialogue.engine import ConfigurationError
from trialogue.frames._attrs import define, frozen

if TYPE_CHECKING:
    from trialogue.actors import CommitTurn, MarkedSpan, ReadySound
    from trialogue.agents.events._events import ReplyKind
    from trialogue.frames import AnswerForm, TokenUsage, ToolCall

#: How a reply ended: heard to its end, cut off, broken by a fault, or given up before anything of it began.
Outcome = Literal["completed", "interrupted", "failed", "dropped"]

#: What is said first of all that waits; in the order of asking among equals.
Priority = Literal["low", "normal", "high"]


@frozen(kw_only=True)
class Asked:
    """What is asked for.

    Args:
        kind: an answer of the model, or a text that is given.
        text: for `say`, what to say: all at once, or as it comes about.
        sound: for `say`, the sound of it, where that needs no voice; all of its text is there then.
        instructions: for an answer, what the model is told in addition.
        turn: the user's turn that it answers; None where it answers none.
        priority: what is said before what.
        protected: whether the user's voice does not stop it.
        form: for an answer, the JSON object that it is to be; None is as the agent has it.
        tools: for an answer, which tools the model may call, or must.
    """

    kind: ReplyKind
    text: str | AsyncIterable[str] = ""
    sound: ReadySound | None = None
    instructions: str = ""
    turn: CommitTurn | None = None
    priority: Priority = "normal"
    protected: bool = False
    form: AnswerForm | None = None
    tools: ToolChoice = attrs.Factory(ToolChoice)

    def with_tools(self, tools: ToolChoice) -> Asked:
        """The same, with a choice of tools."""
        return attrs.evolve(self, tools=tools)

    def __attrs_post_init__(self) -> None:
        if self.sound is None:
            return
        check_ready_sound(self.sound)
        if not isinstance(self.text, str):
            raise ConfigurationError(
                "`say` with `audio` takes all of the text, as a str; a stream of text is synthesised"
            )


@define(kw_only=True, eq=False)
class Draft:
    """What the model has written of a reply so far.

    Args:
        source: all of it.
        tool_breaks: how long `source` was when tools were called, and the first of the calls.
        first_text_s: when it first wrote something, session time in seconds.
        usage: what the model says its last request cost.
        characters: how much text was handed to the voice.
        delivery: how parts of it are to be said.
        document: the JSON object that the model has answered with, where it was asked for one: all that it wrote.
    """

    source: str = ""
    tool_breaks: list[tuple[int, ToolCall]] = attrs.Factory(list)
    first_text_s: float | None = None
    usage: TokenUsage | None = None
    characters: int = 0
    delivery: list[MarkedSpan] = attrs.Factory(list)
    document: str = ""


@frozen(kw_only=True)
class Ending:
    """How a reply ended.

    Args:
        outcome: in a word.
        heard: what was heard of it.
        reason: why it was cut off or dropped, or the failure, in words; empty where it was completed.
        error: the failure itself, where it failed.
    """

    outcome: Outcome
    heard: str = ""
    reason: str = ""
    error: Exception | None = None


class Speaker(Protocol):
    """Who says a reply: can stop it, and knows how far it is."""

    def stop(self, reply: Reply, reason: str) -> None:
        """End it now, wherever it is; without effect where it is over."""

    def heard_of(self, reply: Reply) -> str:
        """What was heard so far of one that is not over."""

    def waits_for_this_task(self) -> bool:
        """Whether what is being said waits for a tool that runs in this very task, or has begun it."""


@define(kw_only=True, eq=False)
class Reply:
    """The handle on something that the agent says, from being asked for to being over; the session makes it.

    Args:
        reply_id: unique in its session.
        asked: what was asked for.
        speaker: who says it.
    """

    reply_id: str
    asked: Asked
    speaker: Speaker
    #: Ended by cancelling; made before the reply runs, so that it can be ended before it begins.
    scope: trio.CancelScope = attrs.field(factory=trio.CancelScope, init=False)
    #: Ended likewise: that of the agent's hook, before there is anything to perform.
    considering: trio.CancelScope = attrs.field(factory=trio.CancelScope, init=False)
    draft: Draft = attrs.field(factory=Draft, init=False)
    ending: Ending | None = attrs.field(default=None, init=False)
    #: The turn policy knows of it: from now on it may sound, and run tools.
    announced: trio.Event = attrs.field(factory=trio.Event, init=False)
    #: It has begun to sound.
    sounded: bool = attrs.field(default=False, init=False)
    _sounded_or_over: trio.Event = attrs.field(factory=trio.Event, init=False)
    _over: trio.Event = attrs.field(factory=trio.Event, init=False)

    @property
    def kind(self) -> ReplyKind:
        """An answer of the model, or a text that was given."""
        return self.asked.kind

    @property
    def turn(self) -> CommitTurn | None:
        """The user's turn that it answers; None where it answers none."""
        return self.asked.turn

    @property
    def protected(self) -> bool:
        """Whether the user's voice does not stop it."""
        return self.asked.protected

    @property
    def source(self) -> str:
        """All that was written so far."""
        return self.draft.source

    @property
    def text(self) -> str:
        """What is to be said, as far as it is known: all of a text that was given, and what the model wrote so far."""
        given = self.asked.text
        return self.source or (given if isinstance(given, str) else "")

    @property
    def document(self) -> str:
        """What the model wrote where it was to answer with a JSON object, once that is complete; see ReplyForm.of."""
        return self.draft.document

    @property
    def heard(self) -> str:
        """What was heard of it: so far, or in all."""
        return self.speaker.heard_of(self) if self.ending is None else self.ending.heard

    @property
    def outcome(self) -> Outcome | None:
        """How it ended; None while it has not."""
        return None if self.ending is None else self.ending.outcome

    @property
    def reason(self) -> str:
        """Why it was cut off or dropped, or its failure, in words."""
        return "" if self.ending is None else self.ending.reason

    @property
    def error(self) -> Exception | None:
        """Its failure, where it failed."""
        return None if self.ending is None else self.ending.error

    async def started(self) -> bool:
        """Wait until it begins to sound.

        Cancelling the wait leaves the reply alone.

        Returns:
            Whether it did; False where it is over without a sound.

        Raises:
            ConfigurationError: as `wait`.
        """
        self._refuse_to_wait_for_ever()
        await self._sounded_or_over.wait()
        return self.sounded

    async def wait(self) -> Outcome:
        """Wait until it is over; cancelling the wait leaves the reply alone. It never raises what the reply did.

        Raises:
            ConfigurationError: this is a tool, whose own reply waits for it and is said before this one.
        """
        self._refuse_to_wait_for_ever()
        await self._over.wait()
        assert self.ending is not None
        return self.ending.outcome

    def interrupt(self, reason: str = "interrupted by the program", *, force: bool = False) -> bool:
        """End this reply alone: cut it off with a fade if it sounds, drop it if it waits. Synchronous.

        Args:
            reason: why, for its outcome and the events.
            force: whether to end even a protected one.

        Returns:
            Whether that ended it; False if it was over already, or is protected.
        """
        if self.ending is not None or (self.protected and not force):
            return False
        self.speaker.stop(self, reason)
        return True

    def _refuse_to_wait_for_ever(self) -> None:
        if self.ending is None and self.speaker.waits_for_this_task():
            raise ConfigurationError(
                f"this is a tool, the agent's reply waits for it, and {self.reply_id} is said after that one: waiting "
                f"here would never end; tell what is to be heard meanwhile with ToolContext.say, or do not wait"
            )

    def cancel(self, reason: str) -> None:
        """End what runs for it. For the session."""
        self.considering.cancel(reason=reason)
        self.scope.cancel(reason=reason)

    def begin_to_sound(self) -> None:
        """Note that its first sample was played. For the session."""
        self.sounded = True
        self._sounded_or_over.set()

    def end(self, ending: Ending) -> None:
        """Note how it ended; the first time counts. For the session."""
        if self.ending is None:
            self.ending = ending
            self._sounded_or_over.set()
            self._over.set()
