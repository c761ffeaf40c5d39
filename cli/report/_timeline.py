"""The score of a call: both sides' sound, and under it who spoke, waited, was cut off or let pass.

Everything is placed in percent of the call, so that its width alone zooms it and text keeps its size.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from trialogue.cli.report._markup import clock, number, text
from trialogue.cli.report._waits import PARTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trialogue.cli.report._sound import Envelope
    from trialogue.cli.report._story import Spoken, Story

#: Width of a second to begin with, pixels; less in calls so long that browsers would not draw them.
_SECOND_PX: Final = 40.0
_WIDEST_PX: Final = 100_000.0

#: Tops and heights of the rows, pixels.
_AXIS: Final = (0, 22)
_USER_WAVE: Final = (26, 64)
_USER_SPANS: Final = (94, 20)
_TURN_SPANS: Final = (117, 16)
_AGENT_WAVE: Final = (144, 64)
_AGENT_SPANS: Final = (212, 20)
_TOOL_SPANS: Final = (236, 16)
_HEIGHT: Final = 258

#: Names of the rows, at the left.
_ROWS: Final = (
    ("caller", _USER_WAVE),
    ("speech", _USER_SPANS),
    ("turns", _TURN_SPANS),
    ("agent", _AGENT_WAVE),
    ("replies", _AGENT_SPANS),
    ("tools", _TOOL_SPANS),
)

#: Distances of the axis's marks, seconds, and how many a score has at most.
_TICKS: Final = (1, 2, 5, 10, 30, 60, 300, 600, 1800, 3600)
_MOST_TICKS: Final = 400


def draw_timeline(story: Story, envelope: Envelope | None) -> str:
    """The score as HTML; it scrolls sideways, and clicks in it are seeks."""
    seconds = max(story.ended_s, envelope.duration_s if envelope else 0.0, 1.0)
    zoom = min(_SECOND_PX, _WIDEST_PX / seconds)
    names = "".join(
        f'<span style="top:{top}px;height:{height}px;line-height:{height}px">{name}</span>'
        for name, (top, height) in _ROWS
    )
    rows = [*_axis(seconds), *_waves(envelope, seconds), *_user_rows(story, seconds), *_agent_rows(story, seconds)]
    return (
        f'<div class="score-box"><div class="row-names" aria-hidden="true" style="height:{_HEIGHT}px">{names}</div>'
        f'<div class="score-scroll" tabindex="0" role="region" aria-label="Timeline; scrolls sideways">'
        f'<div id="score" data-seconds="{number(seconds)}" style="--s:{number(seconds)};--z:{number(zoom)}">'
        f'<svg xmlns="http://www.w3.org/2000/svg" width="100%" height="{_HEIGHT}" role="img" '
        f'aria-label="Who spoke when">{_HATCH}{"".join(rows)}'
        f'<line id="playhead" x1="0" x2="0" y1="0" y2="{_HEIGHT}"/></svg></div></div></div>'
    )


#: For speech that was let pass: told apart without colour, too.
_HATCH: Final = (
    '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect class="hatch-ground" width="6" height="6"/><rect class="hatch-line" width="2" height="6"/></pattern></defs>'
)


def _axis(seconds: float) -> Iterator[str]:
    step = next((tick for tick in _TICKS if seconds / tick <= _MOST_TICKS), _TICKS[-1])
    if seconds * _SECOND_PX <= _WIDEST_PX:
        step = max(step, 2)
    for at_s in range(0, math.floor(seconds) + 1, step):
        x = _percent(at_s, seconds)
        label = f"{at_s // 60}:{at_s % 60:02}"
        yield f'<line class="tick" x1="{x}" x2="{x}" y1="14" y2="{_HEIGHT}"/>'
        words = f'<text class="tick-text" x="3" y="12">{label}</text>'
        yield f'<svg x="{x}" y="0" width="60" height="{_AXIS[1]}">{words}</svg>'


def _waves(envelope: Envelope | None, seconds: float) -> Iterator[str]:
    if envelope is None:
        return
    width = _percent(envelope.duration_s, seconds)
    for side, path, (top, height) in (
        ("user", envelope.user, _USER_WAVE),
        ("agent", envelope.agent, _AGENT_WAVE),
    ):
        yield (
            f'<svg x="0" y="{top}" width="{width}" height="{height}" viewBox="0 -100 {envelope.steps} 200" '
            f'preserveAspectRatio="none"><path class="wave {side}" d="{path}"/></svg>'
        )


def _user_rows(story: Story, seconds: float) -> Iterator[str]:
    for speech in story.speeches:
        ended_s = story.ended_s if speech.ended_s is None else speech.ended_s
        fate = {"turn": "", "ignored": " (let pass)", "unanswered": " (not answered)"}[speech.fate]
        words = speech.text or "no words"
        yield _span(
            f"speech fate-{speech.fate}",
            (speech.started_s, ended_s, seconds),
            _USER_SPANS,
            label=words,
            tooltip=f"The caller spoke from {clock(speech.started_s)} to {clock(ended_s)}{fate}: {words}",
        )
    for count, turn in enumerate(story.turns, 1):
        waited_s = turn.committed_s - turn.speech_ended_s
        yield _span(
            "turn",
            (turn.started_s, turn.committed_s, seconds),
            _TURN_SPANS,
            label=str(count),
            tooltip=f"Turn {count}, {clock(turn.started_s)} to {clock(turn.speech_ended_s)}, taken to be over "
            f"{waited_s:.2f} s later: {turn.text}",
        )


def _agent_rows(story: Story, seconds: float) -> Iterator[str]:
    measured = {each.reply_id: each for each in story.measured}
    for place, reply in enumerate(story.replies):
        following = story.replies[place + 1].thought_s if place + 1 < len(story.replies) else story.ended_s
        if reply.reply_id in measured:
            for part, span in zip(PARTS, measured[reply.reply_id].spans, strict=True):
                tooltip = f"Waiting for {reply.reply_id}: {part.meaning}, {(span.end_s - span.start_s) * 1000:.0f} ms"
                yield _span(f"part {part.look}", (span.start_s, span.end_s, seconds), _AGENT_SPANS, tooltip=tooltip)
        else:
            until_s = following if reply.began_s is None else reply.began_s
            tooltip = f"{reply.reply_id} was being thought of"
            yield _span("thinking", (reply.thought_s, until_s, seconds), _AGENT_SPANS, tooltip=tooltip)
        yield from _reply(reply, story.ended_s, seconds)
    for tool in story.tools:
        ended_s = story.ended_s if tool.ended_s is None else tool.ended_s
        yield _span(
            "tool failed" if tool.is_error else "tool",
            (tool.started_s, ended_s, seconds),
            _TOOL_SPANS,
            label=tool.name,
            tooltip=f"Tool {tool.name} {tool.arguments} gave {tool.output} after {ended_s - tool.started_s:.2f} s",
        )


def _reply(reply: Spoken, call_ended_s: float, seconds: float) -> Iterator[str]:
    if reply.began_s is None:
        return
    stopped_s = call_ended_s if reply.stopped_s is None else reply.stopped_s
    cut = f", cut off ({reply.interrupted}); not heard: {reply.unheard.strip()}" if reply.interrupted else ""
    yield _span(
        "reply cut" if reply.interrupted else "reply",
        (reply.began_s, stopped_s, seconds),
        _AGENT_SPANS,
        label=reply.heard.strip(),
        tooltip=f"The agent spoke from {clock(reply.began_s)} to {clock(stopped_s)}: {reply.heard.strip()}{cut}",
    )
    for began_s, ended_s in reply.rests:
        tooltip = f"Rested from {clock(began_s)} to {clock(ended_s)}: the caller spoke"
        yield _span("rest", (began_s, ended_s, seconds), _AGENT_SPANS, tooltip=tooltip)
    if reply.interrupted:
        x = _percent(stopped_s, seconds)
        top, height = _AGENT_SPANS
        yield (
            f'<line class="cut-line" x1="{x}" x2="{x}" y1="{_AGENT_WAVE[0]}" y2="{top + height}">'
            f"<title>{text(f'Cut off at {clock(stopped_s)}: {reply.interrupted}')}</title></line>"
        )


def _span(look: str, extent: tuple[float, float, float], row: tuple[int, int], *, tooltip: str, label: str = "") -> str:
    """A coloured stretch of a row, `extent` being its start, its end and the length of the whole, with its text."""
    started_s, ended_s, seconds = extent
    top, height = row
    width = _percent(max(ended_s - started_s, 0.0), seconds)
    words = f'<text x="4" y="{height / 2 + 4:g}">{text(label)}</text>' if label else ""
    return (
        f'<svg class="span {look}" x="{_percent(started_s, seconds)}" y="{top}" width="{width}" height="{height}">'
        f'<title>{text(tooltip)}</title><rect width="100%" height="100%" rx="3"/>{words}</svg>'
    )


def _percent(part_s: float, whole_s: float) -> str:
    return f"{number(100 * part_s / whole_s, 4)}%"
