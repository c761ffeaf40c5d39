"""A speaker that plays later what it gets now, and can throw it away: what was not heard comes again, nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest
import trio
import trio.testing

from tests.actors.playouts import FADE_IN, FORMAT, FRAME, SENTENCE, numbered, playout_of, samples, speech
from trialogue.actors import AudioTrack, PlayoutState
from trialogue.engine import Channel, Pacer
from trialogue.frames import AudioFrame, PlayoutEdge, PlayoutFinished, SpeechAudio, SpeechItem, WordTiming

if TYPE_CHECKING:
    from trialogue.actors import Playout


@attrs.define
class FarEar:
    """Hears a playout's samples late, one after another, and knows each by its number. Times in samples."""

    playout: Playout
    latency: int
    now: int = 0
    #: What is on its way: when it is heard, its number, and whether at full gain.
    coming: list[tuple[int, int, bool]] = attrs.Factory(list)
    heard: list[tuple[int, int, bool]] = attrs.Factory(list)
    due: int = 0
    rested: bool = False
    #: For so many frames' time the wire takes none; the one that waits.
    stalls: int = 0
    stuck: list[tuple[int, bool]] | None = None

    def pass_time(self, count: int) -> None:
        """Let frames be sent that are due by then, and hear what has come."""
        end = self.now + count
        while self.due + FRAME <= end:
            self.due += FRAME
            self.send(self.due)
        self.now = end
        self.hear()

    def send(self, at: int) -> None:
        """A frame is due."""
        if self.stuck is None:
            self.stuck = self.next_frame()
        else:
            self.playout.stalled()
        if self.stuck and self.stalls:
            self.stalls -= 1
            return
        start = at + self.latency
        self.coming += [(start + place, number, full) for place, (number, full) in enumerate(self.stuck)]
        self.stuck = None

    def next_frame(self) -> list[tuple[int, bool]]:
        """The numbers of its samples, and whether each is at full gain; empty where it is silence or a glide to it."""
        first = self.playout.next_sample
        pcm = self.playout.frame()
        count = self.playout.next_sample - first
        if pcm is None or not count:
            return []
        fading = FADE_IN if self.rested else 0
        self.rested = False
        assert samples(pcm)[fading:count].tolist() == numbered(first, count)[fading:].tolist()
        return [(first + place, place >= fading) for place in range(count)]

    def hear(self) -> None:
        self.heard += [each for each in self.coming if each[0] < self.now]
        self.coming = [each for each in self.coming if each[0] >= self.now]

    def flush(self) -> None:
        """Throw away what was not heard, and say so, as a track does."""
        self.coming.clear()
        self.playout.take_back(self.unheard)
        self.stuck = None

    @property
    def unheard(self) -> int:
        """As a track counts it."""
        return max(self.latency + FRAME - (self.now - self.due), FRAME if self.stuck else 0)

    def stall(self) -> None:
        """The wire takes no frames for a while."""
        self.stalls = 3

    def pause(self) -> None:
        self.flush()
        self.playout.pause()

    def resume(self) -> None:
        self.rested = self.rested or self.playout.can_resume
        self.playout.resume()

    def cut(self) -> None:
        self.flush()
        self.playout.cut()

    @property
    def numbers(self) -> list[int]:
        """What was heard at full gain, in order."""
        return [number for _, number, full in self.heard if full]

    @property
    def furthest(self) -> int:
        """How many of the reply's samples were heard, at whatever gain."""
        return max((number for _, number, _ in self.heard), default=-1) + 1


LATENCIES = (1, 80, 160, 161, 400, 800, 4_000)
STEPS = st.lists(st.tuples(st.integers(0, 2_000), st.sampled_from(["pause", "resume", "stall"])), max_size=12)


@hypothesis.given(latency=st.sampled_from(LATENCIES), count=st.sampled_from([1, 170, 1_600, 9_000]), steps=STEPS)
def test_what_was_not_heard_comes_again_and_nothing_else(
    latency: int, count: int, steps: list[tuple[int, str]]
) -> None:
    playout = playout_of(SENTENCE, speech(count), latency_s=latency / 8_000)
    ear = FarEar(playout, latency)
    for passes, step in steps:
        ear.pass_time(passes)
        getattr(ear, step)()
        if playout.state is not PlayoutState.OVER:
            assert playout.played_samples >= ear.furthest
            assert playout.state is not PlayoutState.PAUSED or playout.played_samples == ear.furthest
    ear.resume()
    while playout.state is not PlayoutState.OVER:
        ear.pass_time(FRAME)
    assert not ear.coming, "it is over when the last of it was heard"
    assert ear.furthest == count == playout.played_samples
    assert ear.numbers == sorted(set(ear.numbers)), "nothing was heard twice"
    missing = set(range(count)) - set(ear.numbers)
    begins = {number for _, number, full in ear.heard if not full}
    assert missing <= begins, "all of it was heard; only a beginning that rested again was nothing but faded in"
    assert len(missing) <= FADE_IN * sum(step == "resume" for _, step in [*steps, (0, "resume")])


@hypothesis.given(latency=st.sampled_from(LATENCIES), steps=STEPS)
def test_how_much_is_heard_by_now_is_known_at_any_moment(latency: int, steps: list[tuple[int, str]]) -> None:
    words = [WordTiming(at_sample=100 * number, start=number, end=number + 1) for number in range(18)]
    reply = SpeechAudio(pcm=speech(9_000).pcm, format=FORMAT, words=tuple(words))
    playout = playout_of(SENTENCE, reply, latency_s=latency / 8_000)
    ear, before = FarEar(playout, latency), 0
    for passes, step in steps:
        ear.pass_time(passes)
        heard = playout.heard_but(ear.unheard)
        assert heard == min(17, ear.furthest // 100), "the last word of all goes on to the end of the sentence"
        assert heard >= before
        before = heard
        getattr(ear, step)()


@pytest.mark.parametrize("heard_again", [1, 40, FADE_IN, FADE_IN + 1, FRAME, FRAME + 1])
def test_a_beginning_that_was_only_faded_in_is_faded_in_again(heard_again: int) -> None:
    playout = playout_of(SENTENCE, speech(9_000), latency_s=0.1)
    ear = FarEar(playout, 800)
    ear.pass_time(4_000)
    ear.pause()
    rests_at = playout.next_sample
    assert rests_at == playout.played_samples == ear.furthest == 4_000 - 160 - 800
    ear.pass_time(500)
    ear.resume()
    ear.pass_time(140 + 800 + heard_again)  # the next frame is due, and heard
    ear.pause()
    assert ear.furthest == playout.played_samples == rests_at + heard_again
    assert playout.next_sample == rests_at + (heard_again if heard_again >= FADE_IN else 0)


@hypothesis.given(latency=st.sampled_from(LATENCIES), steps=STEPS, passes=st.integers(0, 3_000))
def test_what_was_cut_is_remembered_as_far_as_it_was_heard(
    latency: int, steps: list[tuple[int, str]], passes: int
) -> None:
    playout = playout_of(SENTENCE, speech(9_000), latency_s=latency / 8_000)
    ear = FarEar(playout, latency)
    for before, step in steps:
        ear.pass_time(before)
        getattr(ear, step)()
    ear.pass_time(passes)
    heard = ear.furthest
    ear.cut()
    assert playout.played_samples == heard
    for step in ("resume", "pause", "resume"):
        getattr(ear, step)()
        ear.pass_time(2_000)
    assert ear.furthest == heard, "nothing of what was on its way is heard any more"
    assert playout.played_samples == heard


@attrs.define
class RemoteSpeaker:
    """A wire with a buffer at its far end. Times on Trio's clock."""

    latency_s: float
    sent: list[tuple[float, AudioFrame]] = attrs.Factory(list)
    heard: list[int] = attrs.Factory(list)

    async def play(self, channel: Channel[AudioFrame]) -> None:
        async for frame in channel.inbox:
            now_s = trio.current_time()
            self.sent.append((now_s, frame))

    def advance(self) -> None:
        """Hear what has come by now."""
        now_s = trio.current_time()
        waiting: list[tuple[float, AudioFrame]] = []
        for at_s, frame in self.sent:
            pcm = samples(frame.pcm)
            count = min(len(pcm), max(0, round((now_s - at_s - self.latency_s) * 8_000)))
            self.heard += pcm[:count].tolist()
            if count < len(pcm):
                waiting.append((at_s + count / 8_000, attrs.evolve(frame, pcm=pcm[count:].tobytes())))
        self.sent = waiting

    def flush(self) -> None:
        self.advance()
        self.sent.clear()


async def hold(latency_s: float, steps: list[tuple[float, str]]) -> tuple[RemoteSpeaker, PlayoutFinished]:
    """Play a reply of a second on such a wire, each sample of which is its own number; do something now and then."""
    remote = RemoteSpeaker(latency_s)
    edges = Channel[PlayoutEdge]("edges", capacity=10)
    reply = Channel[SpeechItem]("reply", capacity=10)
    for item in (SENTENCE, SpeechAudio(pcm=np.arange(8_000, dtype=np.int16).tobytes(), format=FORMAT)):
        reply.outbox.send_nowait(item)
    reply.outbox.close()
    async with trio.open_nursery() as nursery:
        pacer, wire = Pacer(), Channel[AudioFrame]("wire", seconds=0.06)
        track = AudioTrack(
            speaker=wire.outbox,
            edges=edges.outbox,
            format=FORMAT,
            pacer=pacer,
            epoch_s=trio.current_time(),
            latency_s=latency_s,
            flush=remote.flush,
        )
        nursery.start_soon(pacer.run)
        nursery.start_soon(remote.play, wire)
        nursery.start_soon(track.play, "r", reply.inbox)
        for after_s, step in steps:
            await trio.sleep(after_s)
            if step == "cut":
                track.cut("r")
            else:
                getattr(track, step)()
        track.resume()
        while not isinstance(finished := await edges.inbox.receive(), PlayoutFinished):
            pass
        remote.advance()
        nursery.cancel_scope.cancel()
    return remote, finished


@hypothesis.settings(max_examples=30)
@hypothesis.given(
    latency_s=st.sampled_from([0.01, 0.1, 0.25]),
    steps=st.lists(st.tuples(st.floats(0.001, 0.4), st.sampled_from(["pause", "resume", "resume", "cut"])), max_size=6),
)
def test_a_track_counts_what_the_far_end_has_heard(latency_s: float, steps: list[tuple[float, str]]) -> None:
    clock = trio.testing.MockClock(autojump_threshold=0)
    remote, finished = trio.run(hold, latency_s, steps, clock=clock)
    counted = finished.played_s * 8_000
    begun_again = FADE_IN * sum(step == "resume" for _, step in [*steps, (0, "resume")])
    assert counted == pytest.approx(max(remote.heard, default=-1) + 1, abs=FADE_IN)
    missing = set(range(round(counted))) - set(remote.heard)
    assert len(missing) <= begun_again, "what counts was heard; some of it while it faded in"
    assert any(step == "cut" for _, step in steps) or counted == 8_000


async def test_a_frame_between_track_and_wire_goes_as_well(autojump_clock: trio.testing.MockClock) -> None:
    """The wire's own task has not taken it when the wire is flushed."""
    remote, wire = RemoteSpeaker(0.1), Channel[AudioFrame]("wire", seconds=0.06)
    reply = Channel[SpeechItem]("reply", capacity=10)
    for item in (SENTENCE, speech(8_000)):
        reply.outbox.send_nowait(item)
    pacer = Pacer()
    track = AudioTrack(
        speaker=wire.outbox,
        edges=Channel[PlayoutEdge]("edges", capacity=10).outbox,
        format=FORMAT,
        pacer=pacer,
        epoch_s=trio.current_time(),
        latency_s=0.1,
        flush=remote.flush,
    )
    async with trio.open_nursery() as nursery:
        nursery.start_soon(pacer.run)
        nursery.start_soon(track.play, "r", reply.inbox)
        await trio.testing.wait_all_tasks_blocked()
        assert len(remote.sent) == 0, "its first frame waits in the channel"
        track.pause()
        nursery.start_soon(remote.play, wire)
        await trio.testing.wait_all_tasks_blocked()
        assert len(remote.sent) == 1
        await trio.sleep(1)
        remote.advance()
        assert remote.heard == []
        nursery.cancel_scope.cancel()
