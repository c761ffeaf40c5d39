"""The text path's actor: a thin shell that tells the stage when the model has stalled."""

from __future__ import annotations

import contextlib
import math
from collections import deque

import trio

from trialogue.actors.text._sentences import SentenceStage
from trialogue.engine import ChannelEnded, ConfigurationError, Inbox, Outbox
from trialogue.frames import LikelySentence, Sentence, TextDelta, ToSay
from trialogue.frames._attrs import frozen


@frozen(kw_only=True)
class SentencesSettings:
    """How long a complete sentence waits for what may follow it.

    Args:
        stall_s: when the model has written nothing for so long, a sentence that could end here is spoken, seconds.
        ask_early: whether the voice is asked for the first sentence of a reply as soon as that is almost certain: where
            it ends in all likelihood, one token before it is known to. Nothing is heard before it is certain. Where the
            text goes on otherwise, the request is cancelled and was made in vain: 1 in 200 in texts that are meant to
            mislead, and fewer in any other.
    """

    stall_s: float = 0.3
    ask_early: bool = True

    def __attrs_post_init__(self) -> None:
        if self.stall_s <= 0:
            raise ConfigurationError(f"stall_s must be positive, not {self.stall_s} s; math.inf never tells of a stall")


async def sentences(
    text_in: Inbox[TextDelta], sentences_out: Outbox[ToSay], *, stage: SentenceStage, settings: SentencesSettings
) -> None:
    """Cut the model's text into sentences for the voice.

    Args:
        text_in: what the model writes.
        sentences_out: what to say, and before the first sentence perhaps what that will be; its bound is how far the
            model may write ahead of the voice.
        stage: filters and cuts; new for each reply.
        settings: when the model counts as stalled.
    """
    cutting = _Cutting(stage, sentences_out, settings)
    with contextlib.suppress(ChannelEnded):
        while True:
            await _take_text(text_in, cutting)
            await cutting.send()
    cutting.made.extend(stage.finish())
    await cutting.send()


async def _take_text(text_in: Inbox[TextDelta], cutting: _Cutting) -> None:
    """Take text until the actor must send something itself, or the model has stalled.

    Raises:
        ChannelEnded: that was all.
    """
    cutting.watched = cutting.stalls_s < math.inf
    if not cutting.watched:
        await text_in.receive_unless(cutting.push)
        return
    with trio.CancelScope(deadline=cutting.stalls_s) as patience:
        await text_in.receive_unless(cutting.push)
    if patience.cancelled_caught and trio.current_time() >= cutting.stalls_s:
        cutting.stalled()


class _Cutting:
    """The stage at work, in the task of who writes the text: most tokens wake nobody.

    Args:
        stage: cuts.
        sentences_out: for what there is room.
        settings: when the model counts as stalled, and whether to guess.
    """

    def __init__(self, stage: SentenceStage, sentences_out: Outbox[ToSay], settings: SentencesSettings) -> None:
        self._stage = stage
        self._sentences_out = sentences_out
        self._stall_s = settings.stall_s
        self._guesses = settings.ask_early  # until something was made
        self._guess: LikelySentence | None = None  # the last one
        self.made: deque[Sentence] = deque()  # not sent yet
        self.stalls_s = math.inf  # when the model counts as stalled, on Trio's clock, if nothing comes until then
        self.watched = False  # whether somebody will look by then; the next token may put it off

    def push(self, delta: TextDelta) -> bool:
        """Take in some text; false if the actor must wake: to wait for room, or to watch for a stall."""
        self.made.extend(self._stage.push(delta))
        self.stalls_s = trio.current_time() + self._stall_s if self._stage.waits else math.inf
        if self._guesses:
            self._tell_guess()
        while self.made and not self._sentences_out.is_full:
            self._sentences_out.send_nowait(self.made.popleft())
        return not self.made and (self.watched or self.stalls_s == math.inf)

    def _tell_guess(self) -> None:
        """Tell what the first sentence will be, where that is likely."""
        self._guesses = not self.made
        likely = self._stage.likely() if self._guesses else None
        if likely is not None and likely != self._guess and not self._sentences_out.is_full:
            self._guess = likely
            self._sentences_out.send_nowait(likely)

    def stalled(self) -> None:
        """Nothing has come for too long; the stage is told once."""
        self.made.extend(self._stage.on_stall())
        self.stalls_s = math.inf

    async def send(self) -> None:
        """Send what there was no room for."""
        while self.made:
            await self._sentences_out.send(self.made.popleft())
