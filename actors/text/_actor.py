"""The text path's actor: a thin shell that tells the stage when the model has stalled."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

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
    told = False  # the stage knows of this stall already
    with contextlib.suppress(ChannelEnded):
        while True:
            made: Iterable[Sentence] = ()
            if not stage.waits or told:
                made, told = stage.push(await text_in.receive()), False
            else:
                with trio.move_on_after(settings.stall_s) as patience:
                    made = stage.push(await text_in.receive())
                if patience.cancelled_caught:
                    made, told = stage.on_stall(), True
            for sentence in made:
                await sentences_out.send(sentence)
    for sentence in stage.finish():
        await sentences_out.send(sentence)
