"""The actor of a turn detector that listens: hears the end of each utterance, and tells the turn policy what it thinks.

Detectors that go by the words need no actor: they are pure, and the policy asks them itself.
"""

from __future__ import annotations

from typing import Final

from trialogue.actors.turn._facts import TurnJudged
from trialogue.engine import Inbox, Outbox, ProviderError, TurnDetector, TurnJudge, TurnSoFar, offload, patiently
from trialogue.frames import SPEECH_FORMAT, AudioFrame, SpeechEnded, SpeechStarted

#: A call that costs more runs off the loop, seconds of CPU.
_INLINE_COST_S: Final = 0.001


async def turn_detector(
    heard_in: Inbox[AudioFrame | SpeechStarted | SpeechEnded],
    judgements_out: Outbox[TurnJudged],
    *,
    detector: TurnDetector,
    language: str = "en",
) -> None:
    """Judge by its sound whether a turn is over, at the end of each utterance.

    A judgement that comes when the user speaks again already, or after the turn was taken to be over, changes nothing.

    Args:
        heard_in: the user's sound, mono int16 at 16 kHz, and the edges of speech, merged. Its channel may drop old
            sound.
        judgements_out: one for each end of speech.
        detector: judges.
        language: what the user speaks.

    Raises:
        ProviderError: the detector cannot be opened, or gives what is no probability.
    """
    async with patiently(detector.open(), name="the turn detector") as judge:
        most_bytes = round(judge.wants_audio_s * SPEECH_FORMAT.rate_hz) * SPEECH_FORMAT.bytes_per_sample
        kept = bytearray()
        async for heard in heard_in:
            if isinstance(heard, AudioFrame):
                kept += heard.pcm
                del kept[: max(0, len(kept) - most_bytes)]
            elif isinstance(heard, SpeechEnded):
                turn = TurnSoFar(text="", language=language, pcm=bytes(kept))
                probability = await _judge(judge, turn)
                await judgements_out.send(TurnJudged(speech_ended_s=heard.at_s, probability=probability))


async def _judge(judge: TurnJudge, turn: TurnSoFar) -> float:
    off_the_loop = judge.cost_s > _INLINE_COST_S
    probability = await offload(judge.probability, turn) if off_the_loop else judge.probability(turn)
    if not 0.0 <= probability <= 1.0:  # NaN as well
        raise ProviderError(f"the turn detector gave {probability} for a probability", retryable=True)
    return probability
