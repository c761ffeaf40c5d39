"""What a session loads in the background, so that neither its beginning nor its first reply waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import trio

from trialogue.actors import load_text_path
from trialogue.engine import offload

if TYPE_CHECKING:
    from trialogue.agents._settings import SessionSettings

#: Seconds. By then a session's first frames have gone their way, and no model has answered yet.
_AFTER_S: Final = 0.05


async def load_in_background(settings: SessionSettings) -> None:
    """Load the words and patterns of the text path; only a process's first session has something to load.

    Args:
        settings: the session's.
    """
    await trio.sleep(_AFTER_S)
    await offload(load_text_path, settings.text_filter, settings.chunker)
