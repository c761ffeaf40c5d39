"""The voice-activity actor: a detector's probabilities, judged by the gate; speech goes on to who understands it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

import trio

from trialogue.actors.vad._policy import SpeechGate, VadSettings
from trialogue.engine import (
    ChannelEnded,
    Inbox,
    Outbox,
    ProviderError,
    Rechunker,
    SharedSpeechDetector,
    VoiceActivityDetector,
    offload,
    patiently,
)
from trialogue.frames import SPEECH_FORMAT, AudioFormat, AudioFrame, SpeechEdge

if TYPE_CHECKING:
    from trialogue.engine import SpeechDetector

#: A call that costs more runs off the loop, seconds of CPU.
_INLINE_COST_S: Final = 0.001


async def vad(  # noqa: PLR0913  # three ports out, of which only one must be connected
    audio_in: Inbox[AudioFrame],
    edges_out: Outbox[SpeechEdge],
    speech_out: Outbox[AudioFrame] | None = None,
    *,
    detector: VoiceActivityDetector,
    settings: VadSettings,
    gate: SpeechGate | None = None,
    heard_out: Outbox[float] | None = None,
) -> None:
    """Say where the user's speech begins and ends, and pass its sound on.

    Silence goes no further: a recogniser's task sleeps while nobody speaks.

    Started again after a failure, with the same gate, it goes on in the middle of speech: no edge is told twice or
    missed.

    Args:
        audio_in: the microphone, in the detector's format.
        edges_out: the edges.
        speech_out: the sound between them, from the pre-roll on. Its channel must drop, or hold all that may come
            while its reader stalls: the ear never waits for a slow recogniser, or nobody could interrupt.
        detector: where probabilities come from.
        settings: how sure it must be.
        gate: what judges, where it is to outlive this attempt; it belongs to the session then.
        heard_out: up to when all sound was judged, seconds on the sound's own count; after the edges before that. Its
            channel must keep the latest.

    Raises:
        ProviderError: the detector cannot be opened, or gives what is no probability.
        AudioError: the sound has another format, or goes back in time.
    """
    async with patiently(detector.open(), name="the voice-activity detector") as ear:
        news = _News(edges_out, speech_out, heard_out)
        listener = _Listener(ear, gate or SpeechGate(ear.rate_hz, settings), news)
        with contextlib.suppress(ChannelEnded):
            while True:
                await audio_in.receive_unless(listener.judge)
                await listener.judge_at_leisure()
        last = listener.finish()
        if last is not None:
            await edges_out.send(last)


class _News:
    """What was heard, on its way out."""

    __slots__ = ("_edges", "_edges_out", "_heard_out", "_speech", "_speech_out")

    def __init__(
        self, edges: Outbox[SpeechEdge], speech: Outbox[AudioFrame] | None, heard: Outbox[float] | None
    ) -> None:
        self._edges_out = edges
        self._speech_out = speech
        self._heard_out = heard
        self._edges: list[SpeechEdge] = []  # not told yet
        self._speech: list[AudioFrame] = []

    def add(self, edge: SpeechEdge) -> None:
        """Something to tell."""
        self._edges.append(edge)

    def tell_now(self, gate: SpeechGate, heard_s: float) -> bool:
        """Tell all that there is room for; whether that was all. `tell` does the rest.

        Args:
            gate: has the sound of the speech that goes on.
            heard_s: up to when all was judged, seconds on the sound's own count.
        """
        if self._edges:
            try:
                while self._edges:
                    self._edges_out.send_nowait(self._edges[0])
                    self._edges.pop(0)
            except trio.WouldBlock:
                return False
        if self._heard_out is not None:
            self._heard_out.send_nowait(heard_s)
        if not gate.speaking or self._speech_out is None:
            return True
        speech = self._speech
        speech += gate.sound.take()
        try:
            while speech:
                self._speech_out.send_nowait(speech[0])
                del speech[0]
        except trio.WouldBlock:
            return False
        return True

    async def tell(self, gate: SpeechGate, heard_s: float) -> None:
        """Tell all, waiting for room."""
        while not self.tell_now(gate, heard_s):
            if self._edges:
                await self._edges_out.send(self._edges.pop(0))
            elif self._speech_out is not None:
                await self._speech_out.send(self._speech.pop(0))


class _Listener:
    """One attempt's ear and gate. What costs little is judged in the microphone's task; the actor sleeps meanwhile."""

    __slots__ = (
        "_end_sample",
        "_gate",
        "_hop_samples",
        "_hops",
        "_left",
        "_news",
        "_off_the_loop",
        "_probability",
        "_rate_hz",
        "_shared",
    )

    def __init__(self, ear: SpeechDetector, gate: SpeechGate, news: _News) -> None:
        self._probability = ear.probability
        self._shared = ear if isinstance(ear, SharedSpeechDetector) else None
        self._left: list[AudioFrame] = []  # hops that have to wait
        self._gate = gate
        self._news = news
        self._rate_hz = ear.rate_hz
        format = SPEECH_FORMAT if ear.rate_hz == SPEECH_FORMAT.rate_hz else AudioFormat(rate_hz=ear.rate_hz)
        self._hops = Rechunker(ear.hop_samples, format)
        self._hop_samples = ear.hop_samples
        self._off_the_loop = ear.cost_s > _INLINE_COST_S
        self._end_sample = 0

    def judge(self, frame: AudioFrame) -> bool:
        """Judge a frame, and tell what it brings; false where something has to wait, which `judge_at_leisure` does."""
        gate = self._gate
        gate.sound.keep(frame)
        hops = self._hops.push(frame)
        if hops and (self._off_the_loop or (self._shared is not None and self._shared.is_crowded)):
            self._left += hops
            return False
        for hop in hops:
            self._push(hop, self._probability(hop.pcm))
        return self._news.tell_now(gate, self._end_sample / self._rate_hz)

    async def judge_at_leisure(self) -> None:
        """What `judge` has left to do."""
        while self._left:
            hop = self._left.pop(0)
            self._push(hop, await self._judged(hop.pcm))
        await self._news.tell(self._gate, self._end_sample / self._rate_hz)

    async def _judged(self, hop: bytes) -> float:
        if self._shared is None:
            return await offload(self._probability, hop)
        if self._left:  # newer sound is here already: this has waited long enough
            return self._probability(hop)
        return await self._shared.probability_together(hop)

    def finish(self) -> SpeechEdge | None:
        """No more will come: the end of speech that goes on."""
        return self._gate.finish(self._end_sample)

    def _push(self, hop: AudioFrame, probability: float) -> None:
        if probability != probability:  # NaN; every comparison with it is false: speech would never begin
            raise ProviderError("the voice-activity detector gave NaN for the probability of speech", retryable=True)
        self._end_sample = hop.at_sample + self._hop_samples
        edge = self._gate.push(probability, hop.at_sample, self._end_sample)
        if edge is not None:
            self._news.add(edge)
