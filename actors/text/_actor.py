"""The text path's actor: a thin shell that tells the stage when the model has stalled."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

import attrs
import trio

from trialogue.actors.text._sentences import SentenceStage
from trialogue.engine import ChannelEnded, ConfigurationError, Inbox, Outbox
from trialogue.frames import Sentence, TextDelta


@attrs.frozen(kw_only=True)
class SentencesSettings:
    """How long a complete sentence waits for what may follow it.

    Args:
        stall_s: when the model has written nothing for so long, a sentence that could end here is spoken, seconds.
    """

    stall_s: float = 0.3

    def __attrs_post_init__(self) -> None:
        if self.stall_s <= 0:
            raise ConfigurationError(f"stall_s must be positive, not {self.stall_s} s; math.inf never tells of a stall")


async def sentences(
    text_in: Inbox[TextDelta], sentences_out: Outbox[Sentence], *, stage: SentenceStage, settings: SentencesSettings
) -> None:
    """Cut the model's text into sentences for the voice.

    Args:
        text_in: what the model writes.
        sentences_out: what to say; its bound is how far the model may write ahead of the voice.
        stage: filters and cuts; new for each reply.
        settings: when the model counts as stalled.
    """
    cutting = _Cutting(stage)
    told = False  # the stage knows of this stall already
    with contextlib.suppress(ChannelEnded):
        while True:
            if not stage.waits or told:
                await text_in.receive_unless(cutting.push)
                told = False
            else:
                with trio.move_on_after(settings.stall_s) as patience:
                    cutting.push(await text_in.receive())
                if patience.cancelled_caught:
                    cutting.made, told = stage.on_stall(), True
            await cutting.send(sentences_out)
    cutting.made = stage.finish()
    await cutting.send(sentences_out)


class _Cutting:
    """The stage at work. Most tokens make nothing and change nothing: they wake nobody."""

    def __init__(self, stage: SentenceStage) -> None:
        self._stage = stage
        self.made: Sequence[Sentence] = ()

    def push(self, delta: TextDelta) -> bool:
        """Take in some text; whether there is nothing more to do: no sentence to send, no stall to wait for."""
        self.made = self._stage.push(delta)
        return not self.made and not self._stage.waits

    async def send(self, sentences_out: Outbox[Sentence]) -> None:
        """Send what was made."""
        for sentence in self.made:
            await sentences_out.send(sentence)
        self.made = ()
