"""The actors that hear the user, each at its place: who listens there may change, and may be nobody for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialogue.actors import (
    EchoGuard,
    EchoReference,
    Hearing,
    SpeechGate,
    TurnJudged,
    stt,
    turn_detector,
    vad,
)
from trialogue.engine import Inbox, Outbox
from trialogue.frames import AudioFrame, SpeechEdge, Transcript

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialogue.actors import SttSettings, VadSettings
    from trialogue.agents.session._places import Listener
    from trialogue.engine import RecognitionStream, SpeechDetector, TurnJudge


async def detect(  # noqa: PLR0913  # the ports and settings of `vad`, and where the detector comes from
    audio_in: Inbox[AudioFrame],
    edges_out: Outbox[SpeechEdge],
    speech_out: Outbox[AudioFrame] | None,
    heard_out: Outbox[float],
    *,
    place: Listener[SpeechDetector],
    gate: SpeechGate,
    echo: EchoReference,
    settings: Callable[[], VadSettings],
) -> None:
    """The actor `vad`. While nobody listens, all sound goes on: whoever understands it may find speech in it."""

    async def work() -> None:
        now = settings()
        gate.change(now)
        await vad(
            audio_in,
            edges_out,
            speech_out,
            detector=EchoGuard(place, echo, now),
            settings=now,
            gate=gate,
            heard_out=heard_out,
        )

    async def rest() -> None:
        async for frame in audio_in:
            echo.passed(frame.duration_s)  # nobody asks for it, but it must not pile up
            end = gate.finish(frame.at_sample)
            if end is not None:
                await edges_out.send(end)
            if speech_out is not None:
                await speech_out.send(frame)
            await heard_out.send(frame.end_sample / frame.rate_hz)

    await place.attend(work, rest)


async def recognise(
    heard_in: Inbox[AudioFrame | SpeechEdge],
    transcripts_out: Outbox[Transcript],
    *,
    place: Listener[RecognitionStream],
    hearing: Hearing,
    settings: Callable[[], SttSettings],
) -> None:
    """The actor `stt`."""

    async def work() -> None:
        hearing.settings = settings()
        await stt(heard_in, transcripts_out, recogniser=place, hearing=hearing)

    await place.attend(work, lambda: _ignore(heard_in))


async def judge(
    heard_in: Inbox[AudioFrame | SpeechEdge],
    judgements_out: Outbox[TurnJudged],
    *,
    place: Listener[TurnJudge],
    language: Callable[[], str],
) -> None:
    """The actor `turn_detector`."""

    async def work() -> None:
        await turn_detector(heard_in, judgements_out, detector=place, language=language())

    await place.attend(work, lambda: _ignore(heard_in))


async def _ignore(heard_in: Inbox[AudioFrame | SpeechEdge]) -> None:
    async for _ in heard_in:
        pass
