"""A language model and a voice whose first answers follow a script of delays and faults; then they are well."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import TYPE_CHECKING

import attrs
import trio

from trialogue.agents.testing import FakeTts, Speech
from trialogue.engine import ModelConnection, Voice
from trialogue.frames import SPEECH_FORMAT, AudioFormat, SpeechAudio, TextDelta

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from trialogue.frames import ChatRequest, ModelOutput

#: What happens next: so many seconds pass, this is given, or this is raised.
Step = object

WELL = (TextDelta(text="All is well. "), TextDelta(text="Go on."))


@attrs.define(kw_only=True, eq=False)
class Opening:
    """How opening goes.

    Args:
        takes_s: how long it takes, seconds.
        error: what it raises then.
        close_takes_s: how long closing takes, seconds.
    """

    takes_s: float = 0.0
    error: Exception | None = None
    close_takes_s: float = 0.0
    open_now: int = 0

    @contextlib.asynccontextmanager
    async def hold(self) -> AsyncGenerator[None, None]:
        """Open, and close."""
        await trio.sleep(self.takes_s)
        if self.error is not None:
            raise self.error
        self.open_now += 1
        try:
            yield
            await trio.sleep(self.close_takes_s)
        finally:
            self.open_now -= 1


@attrs.define(kw_only=True, eq=False)
class ScriptedLlm:
    """Answers by its scripts, one for each request, then well.

    Args:
        scripts: the steps of the first answers.
        opening: how opening goes.
    """

    scripts: Sequence[Sequence[Step]] = ()
    opening: Opening = attrs.Factory(Opening)
    asked: int = attrs.field(default=0, init=False)

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[ModelConnection, None]:
        """A connection."""
        async with self.opening.hold():
            yield self

    def reply(self, request: ChatRequest) -> AbstractAsyncContextManager[AsyncIterator[ModelOutput]]:
        """The next script."""
        del request
        steps = self.scripts[self.asked] if self.asked < len(self.scripts) else WELL
        self.asked += 1
        return _outputs(steps)


@contextlib.asynccontextmanager
async def _outputs(steps: Sequence[Step]) -> AsyncGenerator[Steps, None]:  # noqa: ASYNC124  # as the protocol has it
    yield Steps(steps)


class Steps:
    """The steps of a script, as what a provider gives."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = iter(steps)

    def __aiter__(self) -> Steps:
        return self

    async def __anext__(self):  # type: ignore[no-untyped-def]  # anything at all: that is the point
        for step in self._steps:
            if isinstance(step, float):
                await trio.sleep(step)
            elif isinstance(step, BaseException):
                await trio.lowlevel.checkpoint()
                raise step
            else:
                await trio.lowlevel.checkpoint()
                return step
        raise StopAsyncIteration


def sound(seconds: float, format: AudioFormat = SPEECH_FORMAT) -> SpeechAudio:
    """Some sound."""
    return SpeechAudio(pcm=b"\xf4\x01" * format.samples(seconds), format=format)


@attrs.define(kw_only=True, eq=False)
class ScriptedTts:
    """Speaks by its scripts, one for each sentence, then well.

    Args:
        scripts: the steps of the first sentences.
        opening: how opening goes.
    """

    scripts: Sequence[Sequence[Step]] = ()
    opening: Opening = attrs.Factory(Opening)
    well: FakeTts = attrs.Factory(lambda: FakeTts(every=Speech(word_s=0.1)))
    asked: int = attrs.field(default=0, init=False)

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[Voice, None]:
        """A voice."""
        async with self.opening.hold(), self.well.open() as voice:
            yield _ScriptedVoice(self, voice)


class _ScriptedVoice:
    """One session's voice."""

    format = SPEECH_FORMAT

    def __init__(self, owner: ScriptedTts, well: Voice) -> None:
        self._owner = owner
        self._well = well

    def speak(self, text: str) -> AbstractAsyncContextManager[AsyncIterator[SpeechAudio]]:
        """The next script."""
        owner = self._owner
        owner.asked += 1
        if owner.asked > len(owner.scripts):
            return self._well.speak(text)
        return _outputs(owner.scripts[owner.asked - 1])
