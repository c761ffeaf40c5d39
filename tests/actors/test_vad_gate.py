"""The speech gate: hysteresis, minimum lengths, and edges that lie where the change began."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import AsyncGenerator
from functools import partial
from typing import TYPE_CHECKING

import attrs
import hypothesis
import hypothesis.strategies as st
import pytest
import trio

from trialogue.actors import SpeechGate, VadSettings, vad
from trialogue.agents.testing import FakeVad
from trialogue.engine import Channel, ConfigurationError, Graph, SharedSpeechDetector, VoiceActivityDetector
from trialogue.frames import SPEECH_FORMAT, AudioFrame, SpeechEdge, SpeechEnded, SpeechStarted

if TYPE_CHECKING:
    from trio.testing import MockClock

RATE_HZ = 1000
HOP = 20  # samples, 20 ms


@attrs.frozen
class Crowded:
    """A detector that hears together with others, which takes a while; or has no others."""

    is_crowded: bool
    rate_hz: int = SPEECH_FORMAT.rate_hz
    hop_samples: int = 320
    cost_s: float = 0.0

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[SharedSpeechDetector, None]:
        yield self

    def probability(self, hop: bytes) -> float:
        return float(any(hop))

    async def probability_together(self, hop: bytes) -> float:
        await trio.lowlevel.checkpoint()
        return float(any(hop))

    def reset(self) -> None:
        """Nothing is kept."""


def edges_of(probabilities: list[float], settings: VadSettings, *, finish: bool = True) -> list[SpeechEdge]:
    """The edges that a gate makes of probabilities, one for each hop."""
    gate = SpeechGate(RATE_HZ, settings)
    edges = [gate.push(p, number * HOP, (number + 1) * HOP) for number, p in enumerate(probabilities)]
    if finish:
        edges.append(gate.finish(len(probabilities) * HOP))
    return [edge for edge in edges if edge is not None]


def test_speech_begins_where_it_began_and_ends_where_it_ended() -> None:
    probabilities = [0.0] * 5 + [1.0] * 10 + [0.0] * 20
    assert edges_of(probabilities, VadSettings()) == [
        SpeechStarted(at_sample=100, at_s=0.1, detected_s=0.16),
        SpeechEnded(at_sample=300, at_s=0.3, detected_s=0.6),
    ]


def test_a_click_and_a_short_pause_are_nothing() -> None:
    click = [0.0] * 5 + [1.0] * 2 + [0.0] * 30
    assert edges_of(click, VadSettings()) == []
    pause = [1.0] * 10 + [0.0] * 14 + [1.0] * 10
    assert edges_of(pause, VadSettings()) == [
        SpeechStarted(at_sample=0, at_s=0.0, detected_s=0.06),
        SpeechEnded(at_sample=680, at_s=0.68, detected_s=0.68),
    ]


def test_between_the_thresholds_it_stays_as_it_is() -> None:
    assert edges_of([0.45] * 50, VadSettings()) == []
    assert [type(edge) for edge in edges_of([0.6] * 5 + [0.45] * 50, VadSettings(), finish=False)] == [SpeechStarted]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"start_probability": 0.3}, "stop_probability <= start_probability"),
        ({"start_probability": 1.0}, "< 1"),
        ({"stop_probability": 0.0}, "0 < stop_probability"),
        ({"min_speech_s": -0.1}, "min_speech_s"),
        ({"min_silence_s": -0.1}, "min_silence_s"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        VadSettings(**settings)


settings = st.builds(
    VadSettings,
    start_probability=st.sampled_from([0.5, 0.7]),
    stop_probability=st.sampled_from([0.2, 0.5]),
    min_speech_s=st.sampled_from([0.0, 0.04, 0.06]),
    min_silence_s=st.sampled_from([0.0, 0.04, 0.3]),
)
runs = st.lists(st.tuples(st.sampled_from([0.0, 0.3, 0.6, 1.0]), st.integers(1, 20)), max_size=12)


@hypothesis.given(runs=runs, settings=settings)
def test_edges_alternate_and_are_as_long_and_as_late_as_they_must_be(
    runs: list[tuple[float, int]], settings: VadSettings
) -> None:
    probabilities = [probability for probability, count in runs for _ in range(count)]
    edges = edges_of(probabilities, settings)
    kinds = [SpeechStarted, SpeechEnded] * len(edges)
    assert [type(edge) for edge in edges] == kinds[: len(edges)]
    assert len(edges) % 2 == 0, "speech that goes on ends with the sound"
    for before, after in itertools.pairwise(edges):
        assert before.at_sample <= round(before.detected_s * RATE_HZ) <= after.at_sample
    for edge in edges:
        wanted = settings.min_speech_s if isinstance(edge, SpeechStarted) else settings.min_silence_s
        late_s = edge.detected_s - edge.at_s
        at_the_end = edge.detected_s * RATE_HZ == pytest.approx(len(probabilities) * HOP)
        assert late_s >= wanted - 1e-9 or at_the_end
        assert late_s <= max(wanted, HOP / RATE_HZ) + HOP / RATE_HZ
        assert edge.at_s == pytest.approx(edge.at_sample / RATE_HZ)
        # all that made it certain is on the edge's side of the threshold
        hops = probabilities[edge.at_sample // HOP : round(edge.detected_s * RATE_HZ) // HOP]
        if isinstance(edge, SpeechStarted):
            assert all(probability >= settings.start_probability for probability in hops)
        else:
            assert all(probability < settings.stop_probability for probability in hops)


@hypothesis.given(
    cuts=st.lists(st.integers(20, 900), min_size=1, max_size=30),
    detector=st.sampled_from([FakeVad(), FakeVad(cost_s=0.01), Crowded(True), Crowded(False)]),
)
async def test_the_actor_finds_the_same_edges_however_the_sound_is_cut_and_whoever_listens_too(
    cuts: list[int], detector: VoiceActivityDetector
) -> None:
    pcm = bytes(2 * 4800) + b"\x01\x00" * 8000 + bytes(2 * 8000)
    sound = Channel[AudioFrame]("sound", capacity=2000)
    edges = Channel[SpeechEdge]("edges", capacity=100)
    at = 0
    for cut in itertools.cycle(cuts):
        part = pcm[at * 2 : (at + cut) * 2]
        if not part:
            break
        sound.outbox.send_nowait(AudioFrame(pcm=part, at_sample=at, format=SPEECH_FORMAT))
        at += len(part) // 2
    sound.outbox.close()
    graph = Graph("test")
    graph.outside(sound.outbox, edges.inbox)
    graph.add(vad, sound.inbox, edges.outbox, detector=detector, settings=VadSettings())
    await graph.run()
    found = [edge async for edge in edges.inbox]
    assert found == [
        SpeechStarted(at_sample=4800, at_s=0.3, detected_s=0.36),
        SpeechEnded(at_sample=12_800, at_s=0.8, detected_s=1.1),
    ]


async def test_a_detector_in_a_worker_thread_finds_the_same(autojump_clock: MockClock) -> None:
    found: list[list[SpeechEdge]] = []
    for cost_s in (0.0, 0.01):
        found.append(await edges_of_sound([True] * 20 + [False] * 20, FakeVad(cost_s=cost_s)))
    assert found[0] == found[1]
    assert [type(edge) for edge in found[0]] == [SpeechStarted, SpeechEnded]


async def test_started_again_in_the_middle_of_speech_it_tells_no_edge_twice(autojump_clock: MockClock) -> None:
    gate = SpeechGate(16_000, VadSettings())
    first = await edges_of_sound([False] * 10 + [True] * 10, FakeVad(), gate=gate, ends=False)
    second = await edges_of_sound([True] * 10 + [False] * 20, FakeVad(), gate=gate, start=20)
    assert first == [SpeechStarted(at_sample=3200, at_s=0.2, detected_s=0.26)]
    assert second == [SpeechEnded(at_sample=9600, at_s=0.6, detected_s=0.9)]


async def edges_of_sound(
    speech: list[bool], detector: FakeVad, *, gate: SpeechGate | None = None, start: int = 0, ends: bool = True
) -> list[SpeechEdge]:
    """The edges that the actor tells of some frames; without an end it is cancelled when it has heard them all."""
    sound, edges = Channel[AudioFrame]("sound", capacity=1000), Channel[SpeechEdge]("edges", capacity=100)
    for number, loud in enumerate(speech, start):
        pcm = (b"\1\0" if loud else bytes(2)) * 320
        sound.outbox.send_nowait(AudioFrame(pcm=pcm, at_sample=number * 320, format=SPEECH_FORMAT))
    if ends:
        sound.outbox.close()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(
            partial(vad, sound.inbox, edges.outbox, detector=detector, settings=VadSettings(), gate=gate)
        )
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    edges.outbox.close()
    return [edge async for edge in edges.inbox]


def test_a_probability_at_a_threshold_is_speech() -> None:
    settings = VadSettings()
    probabilities = [settings.start_probability] * 3 + [settings.stop_probability] * 50
    assert [type(edge) for edge in edges_of(probabilities, settings, finish=False)] == [SpeechStarted]
