"""What a session is made with, and what it has while it runs."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import attrs

from trialogue.engine import open_asyncio_loop

if TYPE_CHECKING:
    from trialogue.agents._settings import Models, SessionSettings
    from trialogue.agents._tool_runner import ToolRunner
    from trialogue.agents._wiring import Ears
    from trialogue.engine import AsyncioLoop, AudioSink, Pacer, Transport


@attrs.frozen(kw_only=True)
class Given:
    """What a session is made with."""

    models: Models
    transport: Transport
    settings: SessionSettings
    recording: AudioSink | None
    pacer: Pacer | None
    asyncio: AsyncioLoop | None


@attrs.frozen(kw_only=True)
class Running:
    """What a session has only while it runs."""

    ears: Ears
    tools: ToolRunner
    asyncio: AsyncioLoop


def asyncio_loop(given: AsyncioLoop | None) -> contextlib.AbstractAsyncContextManager[AsyncioLoop]:
    """The loop that was given, or an own one that begins with its first call."""
    return open_asyncio_loop() if given is None else contextlib.nullcontext(given)
