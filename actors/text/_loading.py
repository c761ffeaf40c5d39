"""Loading what the text path needs before somebody waits for it."""

from __future__ import annotations

from typing import Final

from trialogue.actors.sentence_chunker._settings import SentenceChunkerSettings
from trialogue.actors.text._later import compile_pending
from trialogue.actors.text._sentences import SentenceStage
from trialogue.actors.text_filter._settings import TextFilterSettings
from trialogue.frames import TextDelta

#: Has figures, an entity, an abbreviation and two sentences: what these need is made when the first of them is met.
_SAMPLE: Final = "Dr. A. B. 12 °C, 3. *C* &amp; $4. Ok?\n"


def load_text_path(
    text_filter: TextFilterSettings | None = None, chunker: SentenceChunkerSettings | None = None
) -> None:
    """Load the words and patterns for these settings: some 120 ms of CPU for a process's first, nothing afterwards.

    A session does it by itself soon after it has begun, in a thread. A server that answers its first caller at once
    calls it before.
    """
    stage = SentenceStage(text_filter, chunker)
    stage.push(TextDelta(text=_SAMPLE))
    stage.finish()
    compile_pending()
