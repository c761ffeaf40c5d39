"""The way out of a session: the track that plays replies, and the page that shows those which nobody speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import trio

from trialogue.actors import PlayoutPaused, PlayoutResumed
from trialogue.agents.events._events import AgentWrote
from trialogue.engine import Inbox
from trialogue.frames import PlayoutFinished, PlayoutStarted, TextDelta
from trialogue.frames._attrs import define, frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialogue.actors import AudioTrack, HeardFollower, PlayoutGate
    from trialogue.agents.speech._reply import Reply
    from trialogue.engine import Outbox
    from trialogue.frames import PlayoutEdge


@define(eq=False)
class _Showing:
    """A reply that is shown."""

    reply_id: str
    text_in: Inbox[TextDelta]
    shown: int = 0
    over: bool = False
    goes_on: trio.Event | None = None  # while it rests


class Page:
    """Shows replies as they are written: what was shown was heard.

    It does with text what AudioTrack does with sound, and at once.

    Args:
        edges: where it tells when a reply begins and ends.
        epoch_s: the session's beginning on Trio's clock, seconds.
    """

    def __init__(self, edges: Outbox[PlayoutEdge], epoch_s: float) -> None:
        self._edges = edges
        self._emit: Callable[[AgentWrote], None] | None = None
        self._epoch_s = epoch_s
        self._showing: _Showing | None = None
        self._last: PlayoutFinished | None = None
        self._follower: HeardFollower | None = None

    @property
    def playing(self) -> str | None:
        """The id of the reply that is shown, or None."""
        return None if self._showing is None else self._showing.reply_id

    @property
    def heard(self) -> int:
        """How much was shown of it, in characters; 0 where there is none."""
        return 0 if self._showing is None else self._showing.shown

    async def show(self, reply: Reply, text_in: Inbox[TextDelta], gate: PlayoutGate) -> None:
        """Show a reply to its end, in the reply's own task and scope. Cancelled or cut, nothing more of it is shown.

        Args:
            reply: which one.
            text_in: what is written.
            gate: it begins only while that is open.
        """
        showing = _Showing(reply.reply_id, text_in)
        try:
            async for delta in text_in:
                if self._showing is None and not showing.over:
                    await self._begin(showing, reply, gate)
                while showing.goes_on is not None:
                    await showing.goes_on.wait()
                if showing.over:
                    break
                self._tell(showing, delta.text)
        finally:
            self._end(showing)
        await self._edges.send(self._finished(showing))

    def cut(self, reply_id: str, fade_s: float | None = None) -> PlayoutFinished | None:
        """As AudioTrack.cut; text has no fade."""
        del fade_s
        if self._showing is not None and self._showing.reply_id == reply_id:
            self._end(self._showing)
        return self.result(reply_id)

    def result(self, reply_id: str) -> PlayoutFinished | None:
        """As AudioTrack.result."""
        return self._last if self._last is not None and self._last.reply_id == reply_id else None

    def pause(self) -> PlayoutPaused | None:
        """Rest, wherever the reply is. Synchronous."""
        showing = self._showing
        if showing is None or showing.goes_on is not None:
            return None
        showing.goes_on = trio.Event()
        return PlayoutPaused(
            reply_id=showing.reply_id,
            at_s=self._now_s(),
            at_sample=0,
            played_s=0.0,
            heard=showing.shown,
            sounded=True,
        )

    def resume(self) -> PlayoutResumed | None:
        """Go on. Synchronous."""
        showing = self._showing
        if showing is None or showing.goes_on is None:
            return None
        showing.goes_on.set()
        showing.goes_on = None
        return PlayoutResumed(reply_id=showing.reply_id, at_s=self._now_s(), at_sample=0, from_s=0.0)

    def begin(self, emit: Callable[[AgentWrote], None]) -> None:
        """The session begins.

        Args:
            emit: tells the listeners what is written.
        """
        self._emit = emit

    def follow(self, follower: HeardFollower | None) -> None:
        """As AudioTrack.follow."""
        self._follower = follower

    def close(self) -> None:
        """Show nothing more."""
        if self._showing is not None:
            self._end(self._showing)
        self._emit = None

    async def _begin(self, showing: _Showing, reply: Reply, gate: PlayoutGate) -> None:
        while not gate.is_open:
            await gate.wait_open()
        self._showing = showing
        now_s = self._now_s()
        await self._edges.send(
            PlayoutStarted(
                reply_id=showing.reply_id, at_s=now_s, at_sample=0, first_sentence_s=now_s, first_sound_s=now_s
            )
        )
        await reply.started()  # so that it is told before anything is shown

    def _tell(self, showing: _Showing, text: str) -> None:
        showing.shown += len(text)
        now_s = self._now_s()
        if self._emit is not None:
            self._emit(AgentWrote(at_s=now_s, reply_id=showing.reply_id, text=text))
        if self._follower is not None:
            self._follower(showing.reply_id, showing.shown, now_s)

    def _end(self, showing: _Showing) -> None:
        if showing.over:
            return
        showing.over = True
        showing.text_in.detach()
        self._last = self._finished(showing)
        if self._showing is showing:
            self._showing = None
        if showing.goes_on is not None:
            showing.goes_on.set()

    def _finished(self, showing: _Showing) -> PlayoutFinished:
        return PlayoutFinished(reply_id=showing.reply_id, at_s=self._now_s(), heard=showing.shown, played_s=0.0)

    def _now_s(self) -> float:
        return trio.current_time() - self._epoch_s


async def page(text_in: Inbox[TextDelta], *, page: Page, reply: Reply, gate: PlayoutGate) -> None:
    """The last actor of a reply without a voice: shows it."""
    await page.show(reply, text_in, gate)


@frozen(eq=False)
class WayOut:
    """Where replies go: each to the track, or to the page. For each call, the one that has the reply answers.

    Args:
        track: plays those that are spoken; None where nothing can be played.
        page: shows the others.
    """

    track: AudioTrack | None
    page: Page

    @property
    def playing(self) -> str | None:
        """The id of the reply that is heard, or None."""
        return self._now.playing

    @property
    def heard(self) -> int:
        """How much was heard of it, in characters; 0 where there is none."""
        return self._now.heard

    def cut(self, reply_id: str, fade_s: float | None = None) -> PlayoutFinished | None:
        """As AudioTrack.cut."""
        played = None if self.track is None else self.track.cut(reply_id, fade_s)
        return played or self.page.cut(reply_id)

    def result(self, reply_id: str) -> PlayoutFinished | None:
        """As AudioTrack.result."""
        played = None if self.track is None else self.track.result(reply_id)
        return played or self.page.result(reply_id)

    def pause(self) -> PlayoutPaused | None:
        """As AudioTrack.pause."""
        return self._now.pause()

    def resume(self) -> PlayoutResumed | None:
        """As AudioTrack.resume."""
        return self._now.resume()

    def follow(self, follower: HeardFollower | None) -> None:
        """As AudioTrack.follow."""
        if self.track is not None:
            self.track.follow(follower)
        self.page.follow(follower)

    def close(self) -> None:
        """As AudioTrack.close."""
        if self.track is not None:
            self.track.close()
        self.page.close()

    @property
    def _now(self) -> AudioTrack | Page:
        return self.page if self.track is None or self.page.playing is not None else self.track
