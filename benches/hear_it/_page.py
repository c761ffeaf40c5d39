"""The page of recorded barge-ins: sound, waveforms, and how long it took until silence. Pure."""

from __future__ import annotations

import base64
import html
import io
from array import array
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import attrs
import numpy as np
import soundfile

from benches.peers.scenario import RATE_HZ

if TYPE_CHECKING:
    from pathlib import Path

#: Quieter samples are silence: less than a thousandth of full scale.
_QUIET: Final = 32

#: Size of a picture, pixels.
_WIDTH: Final = 720
_HEIGHT: Final = 90

#: The second picture shows so much before and after the interruption, seconds.
_BEFORE_S: Final = 0.1
_AFTER_S: Final = 0.6

_WHAT: Final = """
The agent answers with a recorded voice; 1.2 s into the answer the user speaks again. The detector is a fake that says
so at once, and every engine is set to let speech alone interrupt, as soon as it can. What its speaker played was
recorded; the user is mixed in on the left, the agent is on the right. What is measured is the time from the detector's
word to the agent's last sample that is no silence, on the recording: a fade counts. <i>LiveKit</i> without more words
plays through the least speaker that its interface allows, which clears at once; <i>own output</i> is the one that it
brings for rooms. Ours fades, but in <i>fastest</i>; its guard against echoes is off, as for users with headphones.
"""

_STYLE: Final = """
body{font:15px/1.5 system-ui,sans-serif;max-width:760px;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}
section{border-top:1px solid #ddd;padding:1rem 0} h2{font-size:1.1rem;margin:0} audio{width:100%}
svg{display:block;width:100%;height:auto;margin:.4rem 0} .agent{fill:#3f6ea5} .user{fill:#8fbf8f}
.cut{stroke:#c02020;stroke-width:1.5} .rest{fill:#c0202022} text{font:11px system-ui,sans-serif;fill:#555}
table{border-collapse:collapse} td,th{padding:.15rem .8rem .15rem 0;text-align:left} td.n{text-align:right}
"""


@attrs.frozen(kw_only=True)
class Recording:
    """A barge-in on an engine.

    Args:
        engine: as the tables have it.
        version: its version.
        agent: what its speaker played from the beginning on, mono int16.
        words: what the user said, at the beginning and again into the answer.
        interrupted_s: when that second time began, seconds from the beginning.
    """

    engine: str
    version: str
    agent: bytes
    words: bytes
    interrupted_s: float

    def user(self) -> bytes:
        """The user's side, as long as the agent's."""
        track = bytearray(len(self.agent))
        for at_s in (0.0, self.interrupted_s):
            at = 2 * round(at_s * RATE_HZ)
            said = self.words[: max(0, len(track) - at)]
            track[at : at + len(said)] = said
        return bytes(track)

    def stereo(self) -> np.ndarray[tuple[int, int], np.dtype[np.int16]]:
        """The user on the left, the agent on the right; both a little on the other side, too."""
        left, right = (np.frombuffer(pcm, dtype="<i2").astype(np.float32) for pcm in (self.user(), self.agent))
        return np.stack([0.7 * left + 0.2 * right, 0.2 * left + 0.7 * right], axis=1).astype(np.int16)

    def write_wav(self, folder: Path) -> None:
        """The agent's side alone, to be measured with other tools."""
        folder.mkdir(parents=True, exist_ok=True)
        name = self.engine.lower().replace(", ", "-").replace(" ", "-")
        soundfile.write(folder / f"{name}.wav", np.frombuffer(self.agent, dtype="<i2"), RATE_HZ)


def silence_ms(recording: Recording) -> float:
    """From the interruption to the last sample that is no silence, measured on the recording."""
    samples = np.abs(np.frombuffer(recording.agent, dtype="<i2").astype(np.int32))
    (loud,) = np.nonzero(samples > _QUIET)
    last_s = (int(loud[-1]) + 1) / RATE_HZ if len(loud) else 0.0
    return max(0.0, 1e3 * (last_s - recording.interrupted_s))


def page_of(recordings: Sequence[Recording], made: dict[str, object]) -> str:
    """The page."""
    ordered = sorted(recordings, key=silence_ms)
    rows = "".join(
        f"<tr><td>{html.escape(each.engine)}</td><td>{html.escape(each.version)}</td>"
        f'<td class="n">{silence_ms(each):.0f} ms</td></tr>'
        for each in ordered
    )
    when = html.escape(f"{made['date']}, {made['machine']}, load {made['load']}")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Hear it: a barge-in</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>'
        "<h1>Hear it: the same barge-in on each engine</h1>"
        f"<p>{_WHAT}</p>"
        f"<table><tr><th>engine</th><th>version</th><th>silent after</th></tr>{rows}</table>"
        f"<p>{when}; <code>python -m benches.hear_it --peers all</code>. One recording each: "
        "medians of thirty are in the benchmarks, S2.</p>"
        f"{''.join(map(_section, ordered))}</body></html>\n"
    )


def _section(recording: Recording) -> str:
    length_s = len(recording.agent) / 2 / RATE_HZ
    at_s = recording.interrupted_s
    return (
        f"<section><h2>{html.escape(recording.engine)}: silent after {silence_ms(recording):.0f} ms</h2>"
        f'<audio controls preload="none" src="data:audio/mpeg;base64,{_mp3(recording)}"></audio>'
        f"{draw(recording, 0.0, length_s)}{draw(recording, at_s - _BEFORE_S, at_s + _AFTER_S)}</section>"
    )


def _mp3(recording: Recording) -> str:
    file = io.BytesIO()
    soundfile.write(file, recording.stereo(), RATE_HZ, format="MP3", compression_level=0.9)
    return base64.b64encode(file.getvalue()).decode()


def draw(recording: Recording, begin_s: float, end_s: float) -> str:
    """Both sides between two moments as an SVG: the user above, the agent below, red from the barge-in to silence."""
    px_s = _WIDTH / (end_s - begin_s)
    cut = (recording.interrupted_s - begin_s) * px_s
    rest = max(0.5, silence_ms(recording) / 1e3 * px_s)
    lanes = "".join(
        f'<path class="{kind}" d="{_outline(pcm, begin_s, end_s, middle)}"/>'
        for kind, pcm, middle in (("user", recording.user(), 22), ("agent", recording.agent, 62))
    )
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{html.escape(recording.engine)}">'
        f'<rect class="rest" x="{cut:.1f}" y="0" width="{rest:.1f}" height="84"/>{lanes}'
        f'<line class="cut" x1="{cut:.1f}" x2="{cut:.1f}" y1="0" y2="84"/>'
        f'<text x="2" y="10">user</text><text x="2" y="50">agent</text>'
        f'<text x="{_WIDTH - 2}" y="10" text-anchor="end">{end_s - begin_s:.1f} s</text></svg>'
    )


def _outline(pcm: bytes, begin_s: float, end_s: float, middle: int) -> str:
    """A waveform as one closed path: the loudest sample of each two pixels, up and down."""
    peaks = list(_peaks(array("h", pcm), begin_s, end_s))
    above = [f"{2 * at},{middle - peak:.1f}" for at, peak in enumerate(peaks)]
    below = [f"{2 * at},{middle + peak:.1f}" for at, peak in reversed(list(enumerate(peaks)))]
    return f"M{' '.join([*above, *below])}Z"


def _peaks(samples: array[int], begin_s: float, end_s: float, half_height: float = 20.0) -> Iterator[float]:
    columns = _WIDTH // 2
    for column in range(columns):
        edges = (begin_s + (column + step) * (end_s - begin_s) / columns for step in (0, 1))
        start, stop = (max(0, round(edge * RATE_HZ)) for edge in edges)
        part = samples[start : max(stop, start + 1)]
        yield half_height * min(1.0, max((abs(value) for value in part), default=0) / 20_000)
