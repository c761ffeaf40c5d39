"""Who is told when somebody had to wait for too long."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from trialogue.agents.events._events import AgentStartedSpeaking, Event, RequestMeasured, ToolFinished, TurnMeasured
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@frozen(kw_only=True)
class LatencyLimits:
    """How long something may take before somebody is told, seconds; None is without end.

    Args:
        response_s: from the end of the user's speech to the first sound of the answer.
        endpointing_s: from the words of a turn to its end.
        playout_s: from the voice's first sound to the ear.
        llm_s: from a request to the language model to its first output.
        tts_s: from a sentence to its first sound.
        stt_s: from the end of an utterance to its words.
        tool_s: from a tool's call to its output.
    """

    response_s: float | None = None
    endpointing_s: float | None = None
    playout_s: float | None = None
    llm_s: float | None = None
    tts_s: float | None = None
    stt_s: float | None = None
    tool_s: float | None = None


class LatencyAlert:
    """An observer that tells each time a limit is passed. Give it to `Session(observers=...)`.

    Args:
        limits: how long what may take.
        tell: called with the name of the limit, what it took in seconds, and the event; short and synchronous.
    """

    def __init__(self, limits: LatencyLimits, tell: Callable[[str, float, Event], object]) -> None:
        self._limits: dict[str, float] = attrs.asdict(limits, filter=lambda _, limit: limit is not None)
        self._tell = tell

    def __call__(self, event: Event) -> None:
        """Take in an event."""
        for name, took_s in _latencies(event):
            limit_s = self._limits.get(name)
            if limit_s is not None and took_s > limit_s:
                self._tell(name, took_s, event)


def _latencies(event: Event) -> Iterable[tuple[str, float]]:
    """What took how long; a request without an output counts with all of its time."""
    match event:
        case AgentStartedSpeaking(latency_s=float(latency_s)):
            return (("response_s", latency_s),)
        case TurnMeasured():
            return (("endpointing_s", event.endpointing_s), ("playout_s", event.playout_s))
        case RequestMeasured():
            return ((f"{event.part}_s", event.took_s if event.first_s is None else event.first_s),)
        case ToolFinished():
            return (("tool_s", event.took_s),)
        case _:
            return ()
