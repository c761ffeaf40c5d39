"""Lines: transports that can be joined to each other in the middle of a call."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from typing import TYPE_CHECKING, Final, Literal

import attrs
import trio

from trialogue.agents._first_of import first_of
from trialogue.agents.session._keys import KeyTransport
from trialogue.engine import (
    Channel,
    ChannelBroken,
    ChannelClosed,
    ConfigurationError,
    Graph,
    Inbox,
    Outbox,
    Resampler,
    merge,
)
from trialogue.frames import AudioFrame

if TYPE_CHECKING:
    from trialogue.engine import Transport
    from trialogue.frames import AudioFormat, KeyPressed

#: How much of the other line's sound may wait, seconds; the oldest is dropped: who is late does not catch up.
_JOINED_S: Final = 0.2


class PhoneLine:
    """A transport round another one. A session speaks on it as ever; while it is joined to another line, nobody does.

    Give it to the session in the place of the transport. It brings sound, and keys (see `line_of`), but no pictures.

    Args:
        transport: where the other end is; one call.
    """

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        #: The other end has gone, or nobody uses the transport any more.
        self.gone = trio.Event()
        self._joined = Channel[AudioFrame]("sound of the other line", seconds=_JOINED_S, overflow="drop oldest")
        self._patch: _Patch | None = None
        self._epoch_s: float | None = None

    @property
    def microphone_format(self) -> AudioFormat:
        """What the microphone sends."""
        return self.transport.microphone_format

    @property
    def speaker_format(self) -> AudioFormat:
        """What the speaker wants; mono int16."""
        return self.transport.speaker_format

    @property
    def speaker_latency_s(self) -> float:
        """How long after it was handed over a frame is heard, seconds."""
        return self.transport.speaker_latency_s

    async def microphone(self, audio_out: Outbox[AudioFrame]) -> None:
        """Send what is said at the other end to the session, or to the other line. Raises as the transport's."""
        self.begin()
        try:
            await self.transport.microphone(_Switch(self, audio_out))
        finally:
            self.gone.set()

    async def speaker(self, audio_in: Inbox[AudioFrame]) -> None:
        """Let the other end hear the session, or the other line."""
        self.begin()
        own = Graph("line").transform(_OwnSound(self, self._joined.outbox), audio_in)
        try:
            await self.transport.speaker(merge(own, self._joined.inbox))
        finally:
            self.gone.set()

    def flush(self) -> None:
        """Throw away what was handed over and is not heard yet, unless it is the other line's."""
        if self._patch is None:
            self.transport.flush()

    @property
    def patch(self) -> _Patch | None:
        """Where what is said goes in the place of the session; None where it goes there."""
        return self._patch

    @contextlib.contextmanager
    def joined(self, other: PhoneLine) -> Generator[None, None, None]:
        """Let the other line hear what is said here; the session hears and says nothing meanwhile. Synchronous.

        Raises:
            ConfigurationError: it is joined already.
        """
        if self._patch is not None:
            raise ConfigurationError("this line is joined to another one already; wait until their bridge is over")
        self._patch = _Patch(self.microphone_format, other)
        try:
            yield
        finally:
            self._patch = None

    def hear(self, frame: AudioFrame) -> None:
        """Let the other end hear a frame of another line, while it hears anything. Synchronous."""
        with contextlib.suppress(ChannelClosed, ChannelBroken):  # the session is over; soon the line has `gone`, too
            self._joined.outbox.send_nowait(frame)

    def begin(self) -> float:
        """When the call began, on Trio's clock, seconds; now, if it has not."""
        if self._epoch_s is None:
            self._epoch_s = trio.current_time()
        return self._epoch_s


class KeyLine(PhoneLine):
    """A line round a transport that brings the keys of its user as messages."""

    def __init__(self, transport: KeyTransport) -> None:
        super().__init__(transport)  # type: ignore[arg-type]  # `line_of` sees to it that it is both
        self._keys = transport

    async def keys(self, keys_out: Outbox[KeyPressed]) -> None:
        """As the transport's."""
        await self._keys.keys(keys_out)


def line_of(transport: Transport) -> PhoneLine:
    """A line round a transport, which brings keys if that does."""
    return KeyLine(transport) if isinstance(transport, KeyTransport) else PhoneLine(transport)


async def bridge(one: PhoneLine, other: PhoneLine) -> Literal["one", "other"]:
    """Let two lines hear each other, until one of them has gone.

    Each must be the transport of a session that runs: the session hears and says nothing meanwhile.

    Returns:
        Which has gone first; the first, where both have.

    Raises:
        ConfigurationError: one of them is joined already.
    """
    with one.joined(other), other.joined(one):
        await first_of(one.gone.wait, other.gone.wait)
    return "one" if one.gone.is_set() else "other"


class _Patch:
    """Brings frames from one line to another: in its format, at its place.

    Args:
        format: of the frames.
        to: who hears them.
    """

    def __init__(self, format: AudioFormat, to: PhoneLine) -> None:
        self._resampler = Resampler(format, to.speaker_format)
        self._to = to
        self._offset: int | None = None  # between the positions of both lines

    def carry(self, frame: AudioFrame) -> None:
        """Bring a frame. Synchronous."""
        converted = self._resampler.push(frame)
        if converted is None:
            return
        if self._offset is None:
            now_sample = round((trio.current_time() - self._to.begin()) * converted.rate_hz)
            self._offset = now_sample - converted.at_sample
        self._to.hear(attrs.evolve(converted, at_sample=converted.at_sample + self._offset))


class _Switch(Outbox[AudioFrame]):
    """Where the transport's microphone sends: to the session, or through the line's patch."""

    __slots__ = ("_line", "_session")

    def __init__(self, line: PhoneLine, session: Outbox[AudioFrame]) -> None:
        super().__init__(*session.pipes)
        self._line = line
        self._session = session

    async def send(self, item: AudioFrame) -> None:
        """As Outbox.send."""
        patch = self._line.patch
        if patch is None:
            await self._session.send(item)
        else:
            patch.carry(item)
            await trio.lowlevel.checkpoint()

    def send_nowait(self, item: AudioFrame) -> None:
        """As Outbox.send_nowait."""
        patch = self._line.patch
        if patch is None:
            self._session.send_nowait(item)
        else:
            patch.carry(item)


class _OwnSound:
    """The session's sound on its way to the transport's speaker: none while the line is joined."""

    def __init__(self, line: PhoneLine, joined: Outbox[AudioFrame]) -> None:
        self._line = line
        self._joined = joined

    def push(self, frame: AudioFrame) -> list[AudioFrame]:
        """Let a frame through, or not."""
        return [frame] if self._line.patch is None else []

    def finish(self) -> list[AudioFrame]:
        """The session is over: nothing of the other line is heard any more."""
        self._joined.close()
        return []
