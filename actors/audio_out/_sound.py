"""The sound of one reply: what has come, what was taken of it, and which words it carries. Pure."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from trialogue.actors.audio_out._joins import Joins
from trialogue.engine import ChannelEnded, SpeechLedger
from trialogue.frames import Sentence, SentenceFinished, SpeechAudio

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialogue.frames import AudioFormat, SpeechItem


class ReplySound:
    """A reply's sound, taken from its beginning to its end.

    Args:
        pull: gives the next item of the reply that is there already, or None where there is none now; raises
            ChannelEnded when none will come any more.
        format: mono int16.
        keep: how many of the samples that were taken may be put back.
    """

    __slots__ = (
        "_complete",
        "_edges",
        "_joins",
        "_keep_bytes",
        "_ledger",
        "_pull",
        "_ready",
        "_sample_bytes",
        "_sentence_at",
        "_taken",
        "_words",
    )

    def __init__(self, pull: Callable[[], SpeechItem | None], format: AudioFormat, keep: int = 0) -> None:
        self._pull = pull
        self._sample_bytes = format.bytes_per_sample
        self._joins = Joins(format.rate_hz)
        self._ledger = SpeechLedger(format.rate_hz)
        self._ready = bytearray()
        self._taken = bytearray()  # the end of what was taken
        self._keep_bytes = keep * format.bytes_per_sample
        self._sentence_at = 0
        self._edges: list[int] = []  # samples where a word begins, or a sentence begins or ends; in order
        self._words: list[bool] = []  # for each of these: whether a word begins there
        self._complete = False

    @property
    def ready(self) -> int:
        """Samples that are there."""
        return len(self._ready) // self._sample_bytes

    def heard_after(self, samples: int) -> int:
        """How much of the model's text so many samples carry, in characters."""
        return self._ledger.heard(samples)

    def put(self, item: SpeechItem) -> None:
        """Take in the next item of the reply."""
        match item:
            case SpeechAudio():
                self._ledger.add(len(item.pcm) // self._sample_bytes, item.words)
                self._ready += self._joins.join(item.pcm)
                for word in item.words:
                    self._add_edge(self._sentence_at + word.at_sample, word=True)
            case Sentence():
                self._ledger.begin(item)
                self._sentence_at = self._ledger.samples
                self._add_edge(self._sentence_at, word=False)
            case SentenceFinished():
                self._ledger.finish()
                self._add_edge(self._ledger.samples, word=False)

    def complete(self) -> None:
        """No more items will come. A sentence that was not said to be complete broke off: its rest was never heard."""
        self._add_edge(self._ledger.samples, word=False)
        self._complete = True

    def take(self, samples: int) -> bytes | None:
        """The next samples; fewer, or none, at the end, and None where there are too few now but more to come."""
        wanted = samples * self._sample_bytes
        ready = self._ready
        if len(ready) < wanted and not self._fill(wanted):
            return None
        pcm = bytes(ready[:wanted])
        del ready[:wanted]
        if self._keep_bytes:
            self._taken += pcm
            del self._taken[: -self._keep_bytes]
        return pcm

    def peek(self, samples: int) -> bytes:
        """The next samples, which stay; fewer, where there are no more now."""
        wanted = samples * self._sample_bytes
        self._fill(wanted)
        return bytes(self._ready[:wanted])

    def put_back(self, samples: int) -> None:
        """The last samples that were taken come again; at most as many as are kept."""
        size = samples * self._sample_bytes
        if size:
            self._ready[:0] = self._taken[-size:]
            del self._taken[-size:]

    def drop(self) -> None:
        """Throw away what was not taken; nothing more is taken in."""
        self._ready.clear()
        self._taken.clear()
        self._complete = True

    def end_of_word(self, position: int) -> int | None:
        """Where the word ends that is being spoken; None where none is, or where nobody knows.

        Args:
            position: so many samples were spoken.
        """
        index = bisect_left(self._edges, position)
        if not (0 < index < len(self._edges) and self._words[index - 1]):
            return None
        return self._edges[index]

    def _add_edge(self, at_sample: int, *, word: bool) -> None:
        latest = self._edges[-1] if self._edges else 0
        self._edges.append(max(latest, at_sample))  # in order, whatever the voice says
        self._words.append(word)

    def _fill(self, wanted_bytes: int) -> bool:
        """Pull what is there until so much is ready; whether it is, or will never be."""
        while len(self._ready) < wanted_bytes and not self._complete:
            try:
                item = self._pull()
            except ChannelEnded:
                self.complete()
                break
            if item is None:
                return self._complete
            self.put(item)
        return True
