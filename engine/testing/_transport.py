"""The contract of transports."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

import trio

from trialogue.engine import Channel, ChannelBroken, TransportBroken
from trialogue.engine.testing._cancelling import cancel_at_step
from trialogue.engine.testing._contract import WITHIN_S, check_rules, need
from trialogue.engine.testing._sounds import buzz
from trialogue.frames import AudioFrame
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialogue.engine import Transport
    from trialogue.frames import AudioFormat

#: How long the microphone is listened to, seconds.
_LISTEN_S: Final = 0.4

#: How far the microphone may run ahead of real time, seconds: a jitter buffer's worth.
_AHEAD_S: Final = 0.1

#: How much later than now the first samples may lie, seconds: what the microphone takes to get going.
_LATE_S: Final = 5.0

#: At how many of its steps a transport is cancelled.
_CANCELS: Final = 40

#: How long a transport may take to end when it is cancelled, seconds.
_CLOSING_S: Final = 2.0

#: A frame of the speaker's, seconds.
_FRAME_S: Final = 0.02


@frozen
class _Calls:
    """Makes transports; each serves one call."""

    make: Callable[[], Transport]


async def check_transport(make: Callable[[], Transport], *, within_s: float = WITHIN_S) -> None:
    """Check that a transport does what `Transport` says.

    Args:
        make: makes a transport with a user at its other end, who stays for a few seconds and may be silent.
        within_s: how long each rule may take, seconds.

    Raises:
        ContractBroken: it breaks a rule; the message says which.
    """
    await check_rules(_RULES, _Calls(make), provider=type(make()).__name__, within_s=within_s)


async def _formats_are_possible(calls: _Calls) -> None:
    """Both formats are those of speech; the speaker's is mono int16, and its latency is told."""
    await trio.lowlevel.checkpoint()
    call = calls.make()
    for format in (call.microphone_format, call.speaker_format):
        need(8_000 <= format.rate_hz <= 48_000, f"the rate is {format.rate_hz} Hz")
    speaker = call.speaker_format
    need(speaker.channels == 1 and speaker.dtype == "int16", f"the speaker wants {speaker}")
    need(0 <= call.speaker_latency_s < 10, f"the speaker's latency is {call.speaker_latency_s} s")


async def _the_microphone_counts_samples(calls: _Calls) -> None:
    """The microphone's frames are in its format, in whole samples, and follow one another without overlap."""
    call = calls.make()
    frames = [frame for _, frame in await _listened(call)]
    need(bool(frames), f"nothing came in {_LISTEN_S} s")
    end_sample = 0
    for frame in frames:
        need(frame.format == call.microphone_format, f"{frame.format} in place of {call.microphone_format}")
        need(len(frame.pcm) % frame.format.bytes_per_sample == 0, f"{len(frame.pcm)} bytes are no whole samples")
        need(frame.at_sample >= end_sample, f"a frame at {frame.at_sample} follows one that ends at {end_sample}")
        end_sample = frame.end_sample


async def _the_microphone_is_in_real_time(calls: _Calls) -> None:
    """The microphone sends in real time: nothing before it was said, and nothing long after."""
    for after_s, frame in await _listened(calls.make()):
        end_s = frame.end_sample / frame.rate_hz
        need(end_s - after_s < _AHEAD_S, f"what ends at {end_s:.3f} s came after {after_s:.3f} s")
        need(after_s - end_s < _LATE_S, f"what ends at {end_s:.3f} s came after {after_s:.3f} s")


async def _the_microphone_ends_with_its_listener(calls: _Calls) -> None:
    """When nobody listens any more, the microphone ends with ChannelBroken, or returns."""
    channel = Channel[AudioFrame]("microphone", seconds=0.2)
    call = calls.make()
    async with trio.open_nursery() as nursery:

        @nursery.start_soon
        async def microphone() -> None:
            with contextlib.suppress(ChannelBroken, TransportBroken):
                await call.microphone(channel.outbox)

        await channel.inbox.receive()
        channel.inbox.detach()


async def _the_speaker_ends_with_its_sound(calls: _Calls) -> None:
    """The speaker takes frames wherever they lie, with gaps between them, and returns when there are no more."""
    call = calls.make()
    format = call.speaker_format
    channel = Channel[AudioFrame]("speaker", seconds=0.2)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(call.microphone, Channel[AudioFrame]("microphone", seconds=60.0).outbox)
        async with trio.open_nursery() as playing:
            playing.start_soon(call.speaker, channel.inbox)
            for start_s in (0.1, 0.3, 1.0):
                for frame in _frames(format, start_s):
                    await channel.outbox.send(frame)
            channel.outbox.close()
        nursery.cancel_scope.cancel()


async def _the_speaker_may_be_flushed(calls: _Calls) -> None:
    """What is on its way to the speaker can be thrown away at any time; what follows is taken as ever."""
    call = calls.make()
    format = call.speaker_format
    channel = Channel[AudioFrame]("speaker", seconds=0.2)
    call.flush()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(call.microphone, Channel[AudioFrame]("microphone", seconds=60.0).outbox)
        async with trio.open_nursery() as playing:
            playing.start_soon(call.speaker, channel.inbox)
            for start_s in (0.1, 0.2):
                for frame in _frames(format, start_s):
                    await channel.outbox.send(frame)
                    call.flush()
            channel.outbox.close()
        nursery.cancel_scope.cancel()
    call.flush()


async def _it_ends_when_cancelled(calls: _Calls) -> None:
    """A call that is cancelled, at whatever step, ends at once and raises nothing."""

    async def talk() -> None:
        call = calls.make()
        microphone = Channel[AudioFrame]("microphone", seconds=60.0)
        speaker = Channel[AudioFrame]("speaker", seconds=60.0)
        for frame in _frames(call.speaker_format, 0.0):
            speaker.outbox.send_nowait(frame)
        with trio.move_on_after(_LISTEN_S):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(call.microphone, microphone.outbox)
                nursery.start_soon(call.speaker, speaker.inbox)

    for step in range(1, _CANCELS + 1):
        began_s = trio.current_time()
        begun = await cancel_at_step(talk, step)
        took_s = trio.current_time() - began_s
        need(took_s < _LISTEN_S + _CLOSING_S, f"cancelled at step {step}, it ended after {took_s:.1f} s")
        if begun < step:
            return


async def _listened(call: Transport) -> list[tuple[float, AudioFrame]]:
    """The microphone's frames, each with the seconds after which it came."""
    channel = Channel[AudioFrame]("microphone", seconds=1.0)
    frames: list[tuple[float, AudioFrame]] = []
    began_s = trio.current_time()
    with trio.move_on_after(_LISTEN_S):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(call.microphone, channel.outbox)
            async for frame in channel.inbox:
                frames.append((trio.current_time() - began_s, frame))
    return frames


def _frames(format: AudioFormat, start_s: float) -> list[AudioFrame]:
    """A tenth of a second of sound, at some place."""
    pcm, size = buzz(0.1, rate_hz=format.rate_hz), 2 * format.samples(_FRAME_S)
    first = format.samples(start_s)
    return [
        AudioFrame(pcm=pcm[start : start + size], at_sample=first + start // 2, format=format)
        for start in range(0, len(pcm), size)
    ]


_RULES: Final = (
    _formats_are_possible,
    _the_microphone_counts_samples,
    _the_microphone_is_in_real_time,
    _the_microphone_ends_with_its_listener,
    _the_speaker_ends_with_its_sound,
    _the_speaker_may_be_flushed,
    _it_ends_when_cancelled,
)
