"""The track: paced frames, a place for each, and nothing of a reply that was cut."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import attrs
import hypothesis
import hypothesis.strategies as st
import pytest
import trio
import trio.testing

from trialogue.actors import AudioTrack
from trialogue.engine import Channel, Pacer
from trialogue.frames import (
    SPEECH_FORMAT,
    AudioFrame,
    PlayoutEdge,
    PlayoutFinished,
    PlayoutStarted,
    Sentence,
    SentenceFinished,
    SpeechAudio,
    SpeechItem,
    WordTiming,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from trio.testing import MockClock


@attrs.define(kw_only=True, eq=False)
class Stage:
    """A track on its own, what it plays, and when that was."""

    nursery: trio.Nursery
    track: AudioTrack
    speaker: Channel[AudioFrame]
    edges: Channel[PlayoutEdge]
    epoch_s: float
    heard: list[tuple[float, int, int]] = attrs.Factory(list)  # when, at which sample, which level

    async def listen(self) -> None:
        """Write down what is played."""
        async for frame in self.speaker.inbox:
            level = int.from_bytes(frame.pcm[:2], "little", signed=True)
            self.heard.append((round(self.now_s, 9), frame.at_sample, level))

    @property
    def now_s(self) -> float:
        """Since the beginning, seconds."""
        return trio.current_time() - self.epoch_s

    def reply(
        self, name: str, level: int, seconds: float, *, scope: trio.CancelScope | None = None
    ) -> Channel[SpeechItem]:
        """Play a reply of one sentence at a level."""
        speech = Channel[SpeechItem](name, capacity=100)
        speech.outbox.send_nowait(Sentence(text="one two", start=0, end=7))
        pcm = level.to_bytes(2, "little", signed=True) * round(seconds * 16_000)
        if pcm:
            speech.outbox.send_nowait(SpeechAudio(pcm=pcm, format=SPEECH_FORMAT))
        speech.outbox.send_nowait(SentenceFinished())
        speech.outbox.close()
        self.nursery.start_soon(self._play, name, speech, scope or trio.CancelScope())
        return speech

    async def _play(self, name: str, speech: Channel[SpeechItem], scope: trio.CancelScope) -> None:
        with scope:
            await self.track.play(name, speech.inbox)

    def told(self) -> list[PlayoutEdge]:
        """What the track has told."""
        told: list[PlayoutEdge] = []
        while True:
            try:
                told.append(self.edges.inbox.receive_nowait())
            except trio.WouldBlock:
                return told


@pytest.fixture
async def stage() -> AsyncGenerator[Stage, None]:
    """A track at work; on the virtual clock if the test asks for it."""
    async with trio.open_nursery() as nursery:
        pacer = Pacer()
        epoch_s = trio.current_time()
        speaker = Channel[AudioFrame]("speaker", seconds=0.06)
        edges = Channel[PlayoutEdge]("edges", capacity=100)
        track = AudioTrack(
            speaker=speaker.outbox, edges=edges.outbox, format=SPEECH_FORMAT, pacer=pacer, epoch_s=epoch_s
        )
        stage = Stage(nursery=nursery, track=track, speaker=speaker, edges=edges, epoch_s=epoch_s)
        nursery.start_soon(pacer.run)
        nursery.start_soon(stage.listen)
        yield stage
        nursery.cancel_scope.cancel()


def rounded(*times_s: float) -> tuple[float, ...]:
    """Times to the nanosecond."""
    return tuple(round(time_s, 9) for time_s in times_s)


async def test_frames_go_out_every_20_ms_each_at_its_place(autojump_clock: MockClock, stage: Stage) -> None:
    await trio.sleep(0.013)
    stage.reply("r", 100, 0.1)
    await trio.sleep(1)
    assert stage.heard == [
        (round(0.013 + 0.02 * number, 9), round((0.013 + 0.02 * number) * 16_000), 100) for number in range(5)
    ]
    started, finished = stage.told()
    assert isinstance(started, PlayoutStarted)
    assert started.at_s == pytest.approx(0.013)
    assert isinstance(finished, PlayoutFinished)
    assert (finished.heard, *rounded(finished.played_s, finished.at_s)) == (7, 0.1, 0.113)


async def test_replies_take_turns_without_a_gap_or_an_overlap(autojump_clock: MockClock, stage: Stage) -> None:
    stage.reply("one", 100, 0.1)
    await trio.sleep(0.01)
    stage.reply("two", 200, 0.06)
    await trio.sleep(1)
    assert [at for _, at, _ in stage.heard] == [320 * number for number in range(8)]
    assert [level for *_, level in stage.heard] == [100] * 5 + [200] * 3


async def test_a_cut_leaves_the_fade_and_the_next_reply_follows_it(autojump_clock: MockClock, stage: Stage) -> None:
    first = stage.reply("one", 1000, 5.0)
    await trio.sleep(0.05)
    said = stage.track.cut("one")
    assert said is not None
    assert said.played_s == pytest.approx(0.06 + 0.04)
    with pytest.raises(trio.ClosedResourceError):
        first.inbox.receive_nowait()
    stage.reply("two", 1000, 0.04)
    await trio.sleep(1)
    assert [at for _, at, _ in stage.heard] == [320 * number for number in range(3 + 4 + 2)]
    assert [level for *_, level in stage.heard][:3] == [1000] * 3
    assert [level for *_, level in stage.heard][-2:] == [1000] * 2
    fade = [level for *_, level in stage.heard][3:7]
    assert fade == sorted(fade, reverse=True)
    assert stage.track.result("one") is None
    assert stage.track.result("two") is not None


@pytest.mark.parametrize("at_s", [0.0, 0.001, 0.02, 0.039, 0.05])
async def test_cancelling_a_reply_is_cutting_it(autojump_clock: MockClock, stage: Stage, at_s: float) -> None:
    scope = trio.CancelScope()
    stage.reply("one", 1000, 5.0, scope=scope)
    await trio.sleep(at_s)
    scope.cancel()
    await trio.testing.wait_all_tasks_blocked()
    before = len(stage.heard)
    await trio.sleep(1)
    assert len(stage.heard) - before <= 4
    assert stage.track.playing is None


async def test_a_pause_rests_where_it_is_and_resuming_goes_on(autojump_clock: MockClock, stage: Stage) -> None:
    stage.reply("one", 1000, 0.2)
    await trio.sleep(0.05)
    paused = stage.track.pause()
    assert paused is not None
    assert (paused.reply_id, paused.sounded, paused.at_sample) == ("one", True, 800)
    assert rounded(paused.at_s, paused.played_s) == (0.05, 0.1)
    assert stage.track.pause() is None, "it is about to rest"
    await trio.sleep(2)
    assert stage.track.pause() is None, "it rests"
    assert len(stage.heard) == 3 + 4
    assert stage.track.playing == "one"
    resumed = stage.track.resume()
    assert resumed is not None
    assert (resumed.reply_id, resumed.at_sample) == ("one", 32_800)
    assert rounded(resumed.at_s, resumed.from_s) == (2.05, 0.06)
    assert stage.track.resume() is None
    await trio.sleep(1)
    assert len(stage.heard) == 3 + 4 + 7
    finished = stage.told()[-1]
    assert isinstance(finished, PlayoutFinished)
    assert (finished.heard, *rounded(finished.played_s)) == (7, 0.2)


async def test_cutting_what_does_not_play_does_nothing(autojump_clock: MockClock, stage: Stage) -> None:
    assert stage.track.pause() is None
    assert stage.track.resume() is None
    assert stage.track.cut("nobody") is None
    stage.reply("one", 100, 0.1)
    await trio.sleep(0.03)
    assert stage.track.cut("another") is None
    await trio.sleep(1)
    assert len(stage.heard) == 5


async def test_a_reply_without_sound_is_over_at_once(autojump_clock: MockClock, stage: Stage) -> None:
    stage.reply("one", 100, 0.0)
    await trio.sleep(1)
    (finished,) = stage.told()
    assert isinstance(finished, PlayoutFinished)
    assert (finished.heard, *rounded(finished.played_s, finished.at_s)) == (0, 0.0, 0.0)
    assert stage.heard == []


async def test_a_reply_whose_voice_is_late_rests_without_having_sounded(
    autojump_clock: MockClock, stage: Stage
) -> None:
    speech = Channel[SpeechItem]("one", capacity=100)
    sound = SpeechAudio(pcm=b"\x64\x00" * 960, format=SPEECH_FORMAT)
    speech.outbox.send_nowait(Sentence(text="one two", start=0, end=7))
    speech.outbox.send_nowait(sound)
    stage.nursery.start_soon(stage.track.play, "one", speech.inbox)
    await trio.sleep(0.5)
    paused = stage.track.pause()
    assert paused is not None
    assert not paused.sounded
    assert paused.played_s == pytest.approx(0.06)
    speech.outbox.send_nowait(sound)
    speech.outbox.close()
    await trio.sleep(0.5)
    assert len(stage.heard) == 3, "what comes while it rests is not played"
    stage.track.resume()
    await trio.sleep(0.5)
    assert len(stage.heard) == 6


@pytest.mark.parametrize("pauses", [False, True])
@pytest.mark.parametrize("leaves", ["cut", "cancel", "flush and cut hard"])
@pytest.mark.parametrize("at_s", [0.0, 0.001, 0.02, 0.1, 0.199, 0.5, 0.79, 0.81, 0.99, 1.2])
async def test_what_counts_as_heard_is_what_was_sent(
    autojump_clock: MockClock, stage: Stage, at_s: float, leaves: str, pauses: bool
) -> None:
    """Ten words of a tenth of a second each, and the user is gone at some moment."""
    words = tuple(WordTiming(at_sample=1_600 * number, start=2 * number, end=2 * number + 1) for number in range(10))
    speech = Channel[SpeechItem]("r", capacity=100)
    speech.outbox.send_nowait(Sentence(text="a b c d e f g h i j", start=0, end=19))
    speech.outbox.send_nowait(SpeechAudio(pcm=b"\x64\x00" * 16_000, format=SPEECH_FORMAT, words=words))
    speech.outbox.send_nowait(SentenceFinished())
    speech.outbox.close()
    scope = trio.CancelScope()
    stage.nursery.start_soon(stage._play, "r", speech, scope)
    await trio.testing.wait_all_tasks_blocked()
    await trio.sleep(at_s)
    if pauses:
        stage.track.pause()
        await trio.sleep(0.03)
    if leaves == "cancel":
        scope.cancel()
        await trio.testing.wait_all_tasks_blocked()
    finished = stage.track.cut("r", 0.0 if leaves == "flush and cut hard" else None)
    await trio.sleep(1)
    loud = sum(level > 50 for *_, level in stage.heard)  # frames that begin at more than half amplitude
    if finished is None:
        assert not stage.heard
        return
    assert finished.played_s * 50 == pytest.approx(loud, abs=0.51)
    whole_words = int(finished.played_s * 10 + 1e-9)
    assert finished.heard == (19 if whole_words == 10 else max(0, 2 * whole_words - 1))


async def test_a_reply_that_is_cancelled_before_its_first_frame_gives_the_track_back(
    autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    pacer, speaker = Pacer(), Channel[AudioFrame]("speaker", seconds=0.06)
    edges = Channel[PlayoutEdge]("edges", capacity=1)
    edges.outbox.send_nowait(PlayoutFinished(reply_id="before", at_s=0.0, heard=0, played_s=0.0))  # nobody reads it
    track = AudioTrack(speaker=speaker.outbox, edges=edges.outbox, format=SPEECH_FORMAT, pacer=pacer, epoch_s=0.0)
    stage = Stage(nursery=nursery, track=track, speaker=speaker, edges=edges, epoch_s=0.0)
    nursery.start_soon(pacer.run)
    scope = trio.CancelScope()
    stage.reply("r", 100, 0.1, scope=scope)
    await trio.testing.wait_all_tasks_blocked()
    playing = track.playing
    scope.cancel()
    await trio.sleep(1)
    assert (playing, track.playing) == ("r", None)
    assert speaker.statistics().sent == 0
    nursery.cancel_scope.cancel()


async def test_a_follower_that_fails_at_the_first_frame_fails_its_reply_alone(
    autojump_clock: MockClock, stage: Stage
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("no")

    stage.track.follow(fail)
    speech = Channel[SpeechItem]("r", capacity=100)
    for item in (
        Sentence(text="one two", start=0, end=7),
        SpeechAudio(pcm=bytes(160), format=SPEECH_FORMAT),
        SentenceFinished(),
    ):
        speech.outbox.send_nowait(item)
    speech.outbox.close()
    with pytest.raises(ValueError, match="no"):
        await stage.track.play("r", speech.inbox)
    stage.track.follow(None)
    stage.reply("next", 200, 0.1)
    await trio.sleep(1)
    assert stage.track.playing is None
    assert sum(level == 200 for *_, level in stage.heard) == 5


async def turns_at_the_track(steps: list[tuple[float, str]]) -> tuple[Stage, dict[str, float]]:
    """Two replies that want the speaker, and what somebody does meanwhile; when each was cut first."""
    cut_s: dict[str, float] = {}
    async with trio.open_nursery() as nursery:
        pacer, epoch_s = Pacer(), trio.current_time()
        speaker, edges = Channel[AudioFrame]("speaker", seconds=0.06), Channel[PlayoutEdge]("edges", capacity=100)
        track = AudioTrack(
            speaker=speaker.outbox, edges=edges.outbox, format=SPEECH_FORMAT, pacer=pacer, epoch_s=epoch_s
        )
        stage = Stage(nursery=nursery, track=track, speaker=speaker, edges=edges, epoch_s=epoch_s)
        nursery.start_soon(pacer.run)
        nursery.start_soon(stage.listen)
        scopes = {"one": trio.CancelScope(), "two": trio.CancelScope()}
        stage.reply("one", 1000, 0.5, scope=scopes["one"])
        stage.reply("two", -900, 0.5, scope=scopes["two"])
        for after_s, step in steps:
            await trio.sleep(after_s)
            what, _, name = step.partition(" ")
            if what == "cut":
                track.cut(name)
            elif what == "cancel":
                scopes[name].cancel()
            else:
                getattr(track, what)()
            if what in {"cut", "cancel"} and (what == "cancel" or track.playing == name):
                cut_s.setdefault(name, stage.now_s)
        for _ in range(4):
            track.resume()
            await trio.sleep(1)
        assert track.playing is None, "whatever was done, it comes to its end"
        nursery.cancel_scope.cancel()
    return stage, cut_s


@hypothesis.given(
    steps=st.lists(
        st.tuples(
            st.sampled_from([0.0, 0.001, 0.02, 0.05, 0.3]),
            st.sampled_from(["pause", "resume", "cut one", "cut two", "cancel one", "cancel two"]),
        ),
        max_size=10,
    )
)
def test_no_old_sample_is_played_in_whatever_order_things_are_asked(steps: list[tuple[float, str]]) -> None:
    stage, cut_s = trio.run(turns_at_the_track, steps, clock=trio.testing.MockClock(autojump_threshold=0))
    for name, sign in (("one", 1), ("two", -1)):
        mine = [(at_s, level * sign) for at_s, _, level in stage.heard if level * sign > 0]
        after = [level for at_s, level in mine if at_s > cut_s.get(name, 10.0)]
        assert len(after) <= 4, "a fade, and nothing else"
        assert after == sorted(after, reverse=True), "which becomes softer"
    positions = [at for _, at, _ in stage.heard]
    assert all(later - earlier >= 320 for earlier, later in itertools.pairwise(positions)), "nothing overlaps"
